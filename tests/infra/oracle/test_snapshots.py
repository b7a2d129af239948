"""Live values are held against what they say they reflect, and against standing still."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from infra.oracle.reading import Logged
from infra.oracle.snapshots import BEHIND_MS, Snapshots
from schemas.codec import encode
from schemas.record import Record
from schemas.records.base import Cause, Why
from schemas.records.folds import ServiceLoadState
from schemas.records.services import ServiceAccepted, ServicesAnswer, ServicesFact
from schemas.topics import partition_of
from tests.streams.rules.test_service_load import requested

STATE = ServiceLoadState(
    property_id="h", kind="service_load", id="housekeeping", vector={"services": 1}, as_of=7, open=1,
    assigned=0, accepted=0, started=0, completed=0, breached_open=0, oldest_open_at=7, credits_open=0.5,
)  # fmt: skip
NOW = 100_000


def logged(topic: str, offset: int, record: Record, at: int = NOW) -> Logged:
    return Logged(topic, 0, offset, at, b"h", encode(record))


def answer(offset: int, **body: Any) -> Logged:
    said = ServicesAnswer(
        event_id=f"e{offset}", property_id="h", recorded_at=7, actor_id="a", actor_role="guest",
        causation_id=f"c{offset}", cause=Cause(topic="services.commands", partition=0, offset=offset),
        expected=offset, verdict="accepted", why=Why(rule="r", sentence="s"),
        facts=[ServicesFact(fact_id=f"f{offset}", occurred_at=7 + offset, **body)],
    )  # fmt: skip
    return logged("services", offset, said)


LOG = [
    answer(0, requested=requested("a")),
    answer(1, accepted=ServiceAccepted(request_id="a", staff_id="s")),
]


def found(states: list[ServiceLoadState], log: list[Logged], now: int = NOW) -> list[str]:
    snapshots = Snapshots()
    for offset, state in enumerate(states):
        snapshots.state(logged("service_load.state", offset, state))
    for record in log:
        snapshots.take(record)
    return [one for one in snapshots.differences(now) if "performance" not in one]


def test_a_value_is_held_against_the_facts_that_it_reflects_and_no_others() -> None:
    assert found([STATE], LOG) == []
    accepted = replace(STATE, vector={"services": 2}, open=0, accepted=1)
    assert found([STATE, accepted], LOG) == []
    assert found([accepted, STATE], LOG) == [], "readers keep the one that reflects most"


def test_a_wrong_number_a_missing_and_an_invented_value_are_said() -> None:
    assert found([replace(STATE, open=2)], LOG) == [
        "service_load.state of h, housekeeping: open is 2, the log says 1"
    ]
    spa = replace(STATE, id="spa")
    assert found([spa], LOG) == [
        "service_load.state of h, housekeeping: it is missing",
        "service_load.state of h, spa: no fact of the log says anything of it",
    ]


def test_a_value_that_stands_still_is_said_once_it_should_not() -> None:
    assert found([STATE], LOG, NOW + BEHIND_MS) == []
    (said,) = found([STATE], LOG, NOW + BEHIND_MS + 1)
    assert said == "service_load.state of h stands still: services offset 1 came 10 s ago"
    (said,) = found([], LOG, NOW + 60_000)
    assert said == "service_load.state of h stands still: services offset 0 came 60 s ago"


def test_a_value_need_not_say_what_changes_nothing() -> None:
    repeated = answer(2, accepted=ServiceAccepted(request_id="a", staff_id="s"))
    accepted = replace(STATE, vector={"services": 2}, open=0, accepted=1)
    assert found([accepted], [*LOG, repeated], NOW + 60_000) == []


def test_it_knows_how_far_the_facts_must_be_read() -> None:
    snapshots = Snapshots()
    snapshots.state(logged("service_load.state", 0, replace(STATE, vector={"services": 9})))
    home = partition_of("h", 6)
    assert snapshots.end("services", home, 6) == 9
    assert snapshots.end("services", (home + 1) % 6, 6) == 0
