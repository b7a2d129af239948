"""What canaries must hear is what a gateway says on their channels, whatever the gateway knew before."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import events
from gateway.readmodel.hotel import Hotel
from infra.auditor import expected as module
from infra.auditor.expected import KINDS, TOPIC_OF, channels, expected
from schemas.records.alerts import AlertsAnswer, AlertsFact, EmergencyAcknowledged, EmergencyRaised
from schemas.records.base import AnswerHeader, Cause, FactHeader, Why
from schemas.records.rooms import RoomsAnswer, RoomsFact
from schemas.records.services import ServicesAnswer, ServicesFact
from schemas.records.staff import StaffAnswer, StaffFact
from tests.schemas.examples import records

FACTS: list[tuple[str, type[Any], type[Any]]] = [
    ("rooms", RoomsAnswer, RoomsFact),
    ("services", ServicesAnswer, ServicesFact),
    ("staff", StaffAnswer, StaffFact),
    ("alerts", AlertsAnswer, AlertsFact),
]


def answer(kind: type[Any], facts: list[Any], offset: int) -> AnswerHeader:
    """One that counts at `offset`."""
    found: AnswerHeader = kind(
        event_id=f"a{offset}", property_id="h", recorded_at=1, actor_id="ann", actor_role="staff",
        causation_id="c", cause=Cause(topic="t", partition=0, offset=0), expected=offset,
        verdict="accepted", why=Why(rule="r", sentence="s"), facts=facts,
    )  # fmt: skip
    return found


def bodies(fact: type[Any]) -> st.SearchStrategy[Any]:
    """Facts with exactly one body, as they lie on the log."""

    def one(full: Any, name: str) -> Any:
        kept = {field: getattr(full, field) for field in full.__struct_fields__}
        heads = ("fact_id", "occurred_at", "source_system", "source_event_id")
        return fact(**{field: value for field, value in kept.items() if field in heads or field == name})

    names = [name for name in fact.__struct_fields__ if name not in FactHeader.__struct_fields__]
    return st.builds(one, records(fact), st.sampled_from(names))


@st.composite
def logs(draw: st.DrawFn) -> list[tuple[str, AnswerHeader]]:
    found = []
    for offset in range(draw(st.integers(1, 5))):
        topic, kind, fact = draw(st.sampled_from(FACTS))
        found.append((topic, answer(kind, draw(st.lists(bodies(fact), min_size=1, max_size=3)), offset)))
    return found


# A record of any shape takes 20 ms to make.
@settings(max_examples=25, database=None)
@given(logs(), st.integers(0, 3))
def test_it_is_what_a_gateway_says(log: list[tuple[str, AnswerHeader]], later: int) -> None:
    known, looked = Hotel("h"), Hotel("h")
    for offset, (topic, one) in enumerate(log):
        told = Counter[tuple[str, str, str, int]](
            (channel, said.type, said.id, said.place)
            for said in events.of_answer(known, one, offset)
            for channel in said.channels
            if channel.partition(":")[0] in KINDS
        )
        if offset < later:  # the auditor was not there yet
            continue
        said = list(expected(looked, one, topic, offset, 7))
        must = Counter[tuple[str, str, str, int]](
            (channel, s.type, s.id, s.place) for channel, s in said if s.must
        )
        may = {(channel, s.type, s.id) for channel, s in said if not s.must}
        assert must <= told
        assert all(one[:3] in may for one in told - must)
        assert all(TOPIC_OF[s.type] == topic == s.topic for _, s in said)


def test_who_hears_of_a_fire_hangs_on_how_it_began() -> None:
    raised = AlertsFact(
        fact_id="f1", occurred_at=1,
        emergency_raised=EmergencyRaised(alert_id="A", kind="fire", location="3rd floor", realert_at=9),
    )  # fmt: skip
    seen = AlertsFact(
        fact_id="f2", occurred_at=2, emergency_acknowledged=EmergencyAcknowledged(alert_id="A", staff_id="s")
    )
    first, second = answer(AlertsAnswer, [raised], 0), answer(AlertsAnswer, [seen], 1)
    hotel = Hotel("h")
    list(expected(hotel, first, "alerts", 0, 1))
    on_house = [one for channel, one in expected(hotel, second, "alerts", 1, 1) if channel == "property:h"]
    assert [one.must for one in on_house] == [True]
    late = [one for channel, one in expected(Hotel("h"), second, "alerts", 1, 1) if channel == "property:h"]
    assert [one.must for one in late] == [False]


def test_a_zombies_answer_says_nothing() -> None:
    fact = AlertsFact(fact_id="f", occurred_at=1, emergency_acknowledged=None)
    assert list(expected(Hotel("h"), answer(AlertsAnswer, [fact], 4), "alerts", 5, 1)) == []


def test_what_is_remembered_is_bounded() -> None:
    hotel = Hotel("h")
    for n in range(3 * module.MOST_ALERTS):
        body = EmergencyRaised(alert_id=f"A{n}", kind="medical", location="", realert_at=9)
        fact = AlertsFact(fact_id=f"f{n}", occurred_at=1, emergency_raised=body)
        list(expected(hotel, answer(AlertsAnswer, [fact], n), "alerts", n, 1))
    assert len(hotel.alerts) == module.MOST_ALERTS
    assert len(hotel.versions) <= 2 * module.MOST_ALERTS
    assert channels("h") == ("property:h", "staff:h", "ops:h")
