"""Files: plain, gzipped, with equal rows, with rows that are none."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from infra.importer.reading import Bad, Good, read, size
from infra.runtime.problems import Problem
from tests.infra.importer.rows import HEADING, line


def file(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "b.csv"
    path.write_bytes(HEADING.encode() + b"".join(x.encode() if isinstance(x, str) else x for x in lines))
    return path


def keys(path: Path, hotel: str = "h1") -> list[str]:
    return [row.key for row in read(path, hotel) if isinstance(row, Good)]


def test_equal_rows_are_different_reservations_and_packing_changes_nothing(tmp_path: Path) -> None:
    plain = file(tmp_path, line(), line(), line(adults="3"))
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes().replace(b"\n", b"\r\n")))
    assert len(set(keys(plain))) == 3
    assert keys(packed) == keys(plain)
    assert set(keys(plain, "h2")).isdisjoint(keys(plain))
    assert size(plain) == size(packed) == 3


def test_mending_a_row_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    broken = keys(file(tmp_path, line(), line(adr="x"), line(adults="3")))
    mended = keys(file(tmp_path, line(), line(adr="5"), line(adults="3")))
    assert set(broken) < set(mended)


def test_bad_rows_have_line_bytes_and_reason(tmp_path: Path) -> None:
    path = file(tmp_path, line(), "a,b\n", "\n", b"\xff\xfe\n", '"open\n', "x" * 100_000 + "\n", line())
    found = list(read(path, "h1"))
    bad = [row for row in found if isinstance(row, Bad)]
    assert [row.line for row in bad][:3] == [3, 5, 6]
    assert bad[0].raw == b"a,b"
    assert all(row.reason for row in bad)
    assert sum(isinstance(row, Good) for row in found) == 2


def test_what_is_no_such_file_is_one_sentence(tmp_path: Path) -> None:
    other = tmp_path / "o.csv"
    other.write_text("a,b\n1,2\n")
    cut = tmp_path / "c.csv.gz"
    cut.write_bytes(gzip.compress(file(tmp_path, line()).read_bytes())[:-12])
    for path, words in ((tmp_path / "none.csv", "can't be read"), (other, "layout"), (cut, "can't be read")):
        with pytest.raises(Problem, match=words):
            list(read(path, "h1"))
