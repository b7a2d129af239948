"""One part in this process: without the command's frame, and nobody's part by a wrong name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE


def started(*arguments: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.part", *arguments],
        env={"CONCIERGE_DATA_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2]), **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_its_start_loads_no_frame() -> None:
    code = "import sys, infra.part; print(*(n for n in ('typer', 'rich', 'aiokafka') if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_structlog_comes_without_rich() -> None:
    code = (
        "import sys; from infra import part; part._structlog_without_rich(); import structlog, rich.console"
    )
    subprocess.run([sys.executable, "-c", code + "; assert structlog.dev.rich is None"], check=True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing",), "There is no part 'nothing': use one of kafka, prepare,"),
        (("worker", "--agents", "rooms,roms"), "There is no agent 'roms': use some of rooms, services,"),
        (("worker",), "A worker needs agents: concierge run worker --agents rooms,services."),
        (("warehouse",), "The warehouse's user writer has no password: set CONCIERGE_CLICKHOUSE_WRITER_"),
    ],
)
def test_what_stands_in_the_way_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    done = started(*arguments, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


def test_a_cluster_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    done = started("prepare", folder=tmp_path, CONCIERGE_KAFKA_URL="127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "Kafka at 127.0.0.1:1 does not answer (KafkaConnectionError)"
    )
    assert "Traceback" not in done.stderr
