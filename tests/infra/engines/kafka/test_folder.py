"""A data folder is formatted once, mended when half-written, and never emptied when it holds records."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.engines.kafka import folder
from infra.runtime.problems import Problem

META = "version=1\ncluster.id=c\nnode.id=1\ndirectory.id=d\n"


def formatter(fresh: Path) -> None:
    fresh.mkdir()
    (fresh / "meta.properties").write_text(META)


def test_a_new_folder_is_formatted_once(tmp_path: Path) -> None:
    log_dir = tmp_path / "log"
    assert folder.state(log_dir) == "absent"
    assert folder.prepare(log_dir, formatter)
    assert folder.state(log_dir) == "whole"
    assert not folder.prepare(log_dir, formatter)


@pytest.mark.parametrize("meta", [None, "", "version=1\ncluster.id=c\n"])
def test_a_half_written_folder_without_records_is_formatted_again(tmp_path: Path, meta: str | None) -> None:
    log_dir = tmp_path / "log"
    (log_dir / "__cluster_metadata-0").mkdir(parents=True)
    (log_dir / "__cluster_metadata-0" / "0.log").touch()
    if meta is not None:
        (log_dir / "meta.properties").write_text(meta)
    assert folder.state(log_dir) == "half_written"
    assert folder.prepare(log_dir, formatter)
    assert folder.state(log_dir) == "whole"


def test_a_format_that_died_half_way_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "log.formatting").mkdir()
    (tmp_path / "log.formatting" / "meta.properties").write_text("half")
    assert folder.prepare(tmp_path / "log", formatter)
    assert not (tmp_path / "log.formatting").exists()


def test_a_folder_with_records_but_no_meta_is_refused_and_kept(tmp_path: Path) -> None:
    records = tmp_path / "log" / "rooms-3" / "00000000000000000000.log"
    records.parent.mkdir(parents=True)
    records.write_bytes(b"x")
    with pytest.raises(Problem, match=r"holds Kafka records but no whole meta\.properties"):
        folder.prepare(tmp_path / "log", formatter)
    assert records.read_bytes() == b"x"
