"""The same seed makes the same strikes, and every knife and part gets its share."""

from __future__ import annotations

from infra.bench import plan
from infra.runtime.failpoints import NAMES
from infra.runtime.settings import Settings

SETTINGS = Settings()


def test_a_seed_says_everything() -> None:
    assert plan.strikes(SETTINGS, 7, 50) == plan.strikes(SETTINGS, 7, 50)
    assert plan.strikes(SETTINGS, 7, 50) != plan.strikes(SETTINGS, 8, 50)
    assert plan.strikes(SETTINGS, 7, 20) == plan.strikes(SETTINGS, 7, 50)[:20]


def test_in_the_long_run_everything_is_struck() -> None:
    found = plan.strikes(SETTINGS, 1, 2_000)
    assert {one.knife for one in found} == set(plan.WEIGHTS)
    assert {part for one in found for part in one.parts} == set(plan.PARTS)
    assert {one.point for one in found} - {""} == set(plan.POINTS)
    assert any(len(one.parts) == 2 for one in found)
    for one in found:
        assert len(set(one.parts)) == len(one.parts)
        assert (one.knife == "failpoint") == bool(one.point) == (one.passing > 0)
        assert (one.knife in ("stop", "away")) == (one.seconds > 0)


def test_who_passes_a_failpoint() -> None:
    names = ("sink.fetched", "gateway.record_sent", "push.fetched", "alerts.fetched", "rooms.fetched")
    assert [plan.passer(SETTINGS, name) for name in (*names, "folders.fetched")] == [
        "sink", "gateway-0", "push", "worker-0", "worker-1", "worker-1",
    ]  # fmt: skip
    assert {plan.passer(SETTINGS, name) for name in NAMES} <= set(plan.PARTS)


def test_a_strike_says_what_it_did() -> None:
    said = [
        plan.Strike("kill", ("sink", "kafka"), 0),
        plan.Strike("failpoint", ("sink",), 0, "sink.fetched", 3),
        plan.Strike("stop", ("worker-1",), 0, seconds=14.2),
        plan.Strike("away", ("warehouse",), 0, seconds=5),
    ]
    assert [str(one) for one in said] == [
        "sink and kafka killed",
        "sink died at sink.fetched, passing 3",
        "worker-1 stopped, after 14 s replaced, and woken",
        "warehouse away for 5 s",
    ]
