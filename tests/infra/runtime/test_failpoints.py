"""Where a process kills itself: the grammar, which passing, and that nothing happens without it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.runtime import failpoints, settings
from infra.runtime.problems import Problem
from streams.agents.catalogue import DECIDERS
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What would have been last words."""
    said: list[str] = []
    monkeypatch.setattr(failpoints, "die", said.append)
    yield said
    failpoints.arm("")


def lives(passings: int) -> None:
    for _ in range(passings):
        failpoints.passed("sink", "fetched")


def test_off_nobody_dies(deaths: list[str]) -> None:
    failpoints.arm("")
    lives(100)
    failpoints.arm("sink.batch_built=1")
    lives(100)
    assert deaths == []


def test_a_whole_number_is_a_passing(deaths: list[str]) -> None:
    failpoints.arm("sink.batch_built=1,sink.fetched=3")
    lives(5)
    assert deaths == ["failpoint sink.fetched, passing 3\n"]


def test_a_probability_strikes_where_its_seed_says(deaths: list[str]) -> None:
    runs = []
    for text in ("sink.fetched=0.1,seed=7", "seed=7,sink.fetched=0.1", "sink.fetched=0.1,seed=8"):
        failpoints.arm(text)
        lives(1_000)
        runs.append(deaths.copy())
        deaths.clear()
    assert runs[0] == runs[1] != runs[2]
    assert 50 < len(runs[0]) < 200


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "sinc.fetched=1",
            r"'sinc\.fetched' is no failpoint: use some of sink\.fetched, sink\.batch",
        ),
        ("sink.fetched", "'' is neither a probability below 1 nor the number of a passing"),
        ("sink.fetched=0", "'0' is neither"),
        ("sink.fetched=1.5", r"'1\.5' is neither"),
        ("sink.fetched=nan", "'nan' is neither"),
        ("seed=x", "'seed' is no failpoint"),
    ],
)
def test_what_is_misspelt_is_refused_at_start(text: str, says: str) -> None:
    with pytest.raises(Problem, match=f"^CONCIERGE_FAILPOINTS can't be used: {says}"):
        settings.read({"CONCIERGE_FAILPOINTS": text})


def test_death_is_a_kill(tmp_path: Path) -> None:
    code = (
        "from infra.runtime import failpoints; import time\n"
        "failpoints.arm('gateway.record_sent=2')\n"
        "failpoints.passed('gateway', 'record_sent'); print('once', flush=True)\n"
        "failpoints.passed('gateway', 'record_sent'); time.sleep(30)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "once\n")
    assert done.stderr == "failpoint gateway.record_sent, passing 2\n"


def test_every_name_is_passed_somewhere_and_every_place_has_a_name() -> None:
    source = "\n".join(
        path.read_text() for room in ("streams", "gateway") for path in (ROOT / room).rglob("*.py")
    )
    places = set(re.findall(r'failpoints\.passed\(([^,]+), "(\w+)"\)', source))
    parts = {"NAME": ("sink",), "self.agent.name": DECIDERS, "self._agent.name": DECIDERS}
    found = {f"{own}.{step}" for part, step in places for own in parts.get(part, (part.strip('"'),))}
    assert found == set(failpoints.NAMES)
