"""`concierge bench` refuses what it does not know, before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.cli import bench
from infra.runtime.problems import Problem


def test_an_unknown_bench_and_a_missing_file_are_said_plainly() -> None:
    with pytest.raises(Problem, match="no bench 'speed': use one of coldstart, roundtrip, "):
        bench.bench("speed")
    with pytest.raises(Problem, match="needs a bookings CSV"):
        bench.bench("import")
    with pytest.raises(Problem, match=r"There is no file nowhere\.csv\."):
        bench.bench("faults", file=Path("nowhere.csv"))
