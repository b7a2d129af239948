"""One input, one answer; folding the answers gives the state that made them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode_as, encode
from schemas.facts import said
from schemas.ids import derived_id, source_id
from schemas.records.base import AnswerHeader, Role, Tick
from schemas.records.rooms import (
    CheckedIn,
    PostCharge,
    RoomsCommand,
    RoomsFact,
    RoomsIntake,
    RoomStatusChanged,
    RunNightAudit,
)
from schemas.records.services import RequestCommand, RequestService, ServicesAnswer, ServicesCommand
from schemas.records.settings import CatalogueItem, RoomSettings
from schemas.records.staff import ShiftState
from streams.agents import rooms, services
from streams.rules.answering import FAILED, Agent, Input, NewerThanAgent, Partition
from streams.rules.context import HotelContext

STEPS = ("accept", "start", "complete", "release", "cancel", "reopen")
PEOPLE: tuple[tuple[str, Role], ...] = (("ben", "staff"), ("cem", "staff"), ("guest-101", "guest"))
ACCEPT_MS = 60_000


def _context() -> HotelContext:
    towels = CatalogueItem(
        item="towels",
        name="Towels",
        department="housekeeping",
        priority=3,
        credits=0.5,
        accept_within_s=ACCEPT_MS // 1000,
        resolve_within_s=600,
    )
    shifts = {
        name: ShiftState(staff_id=name, shift_id=name, department="housekeeping", started_at=0, ends_at=2**41)
        for name in ("ben", "cem")
    }
    room = RoomSettings(room_id="101", room_type="double", floor=1, zone_id="floor-1")
    return HotelContext(rooms={"101": room}, items={"towels": towels}, shifts=shifts)


class Log:
    """One partition and its log: inputs at rising offsets, answers where they expect to lie."""

    def __init__(self, agent: Agent = services.AGENT) -> None:
        self.agent = agent
        self.part = Partition(agent)
        self.context = _context()
        self.answers: list[AnswerHeader] = []
        self.offset = 0

    def _where(self, topic: str, at: int) -> Input:
        self.offset += 1
        return Input(topic, 0, self.offset - 1, at, {"settings": 7})

    def _keep(self, answer: AnswerHeader | None) -> Any:
        if answer is not None:
            assert answer.expected == len(self.answers)
            self.answers.append(answer)
        return answer

    def ask(self, command_id: str, at: int, actor: str = "ben", role: Role = "staff", **body: Any) -> Any:
        record = ServicesCommand(
            command_id=command_id, property_id="h", actor_id=actor, actor_role=role, claimed_at=1, **body
        )
        where = self._where("services.commands", at)
        return self._keep(self.part.command(record, where, self.context))

    def hear(self, batch_id: str, *facts: RoomsFact) -> Any:
        batch = RoomsIntake(
            batch_id=batch_id, property_id="h", actor_id="pms", source_system="pms", facts=list(facts)
        )
        return self._keep(self.part.intake(batch, self._where("rooms.intake", 5)))

    def refolded(self) -> Partition:
        """What a process that starts now believes."""
        part = Partition(self.agent)
        for offset, answer in enumerate(self.answers):
            part.fold(decode_as(encode(answer), self.agent.facts, self.agent.answer), offset)
        return part


def _request(log: Log, command_id: str = "r0", at: int = 1) -> Any:
    return log.ask(command_id, at, "guest-101", "guest", request=RequestService(room_id="101", item="towels"))


step = st.tuples(
    st.sampled_from((*STEPS, "request", "tick")),
    st.sampled_from(PEOPLE),
    st.integers(0, 3),
    st.integers(0, ACCEPT_MS),
)


@given(st.lists(step, max_size=30))
def test_each_command_has_one_answer_and_folding_them_gives_the_same_state(
    steps: list[tuple[str, tuple[str, Role], int, int]],
) -> None:
    log, at, asked = Log(), 1, []
    for number, (name, (actor, role), which, later) in enumerate(steps):
        at += later
        body: Any = RequestCommand(request_id=f"c{which}")
        if name == "request":
            body = RequestService(room_id="101", item="towels")
        elif name == "tick":
            body = Tick(due_at=at)
        answer = log.ask(f"c{number}", at, actor, role, **{name: body})
        assert answer is not None or name == "tick"
        if answer is not None:
            asked.append(f"c{number}")
            assert not (answer.verdict == "refused" and answer.code == "")
    assert [answer.causation_id for answer in log.answers] == asked
    again = log.refolded()
    assert again.expected == log.part.expected
    if log.answers:
        mine, theirs = log.part.hotel("h"), again.hotel("h")
        assert mine.requests == theirs.requests  # type: ignore[attr-defined]
        assert mine.live == theirs.live  # type: ignore[attr-defined]
        assert again.next == {"services.commands": log.answers[-1].cause.offset + 1}
    for command_id in asked:
        where = Input("services.commands", 0, log.offset, at, {})
        repeated = ServicesCommand(
            command_id=command_id,
            property_id="h",
            actor_id="ben",
            actor_role="staff",
            claimed_at=1,
            accept=RequestCommand(request_id="c0"),
        )
        for part in (log.part, again):
            assert part.command(repeated, where, log.context) is None, "the same command again is no news"


def test_an_answer_names_its_input_its_place_and_what_was_seen() -> None:
    answer = _request(Log())
    assert (answer.cause.topic, answer.cause.offset, answer.expected) == ("services.commands", 0, 0)
    assert answer.why.context == {"settings": 7}
    assert answer.event_id == derived_id("r0")
    assert [fact.fact_id for fact in answer.facts] == [derived_id("r0", 0), derived_id("r0", 1)]
    assert answer.facts[1].assigned.staff_id == "ben"


def test_a_deadline_fires_before_the_command_that_comes_after_it_in_the_same_answer() -> None:
    log = Log()
    _request(log)
    answer = log.ask("c1", 1 + ACCEPT_MS + 5, accept=RequestCommand(request_id="r0"))
    names = [found[0] for fact in answer.facts if (found := said(fact))]
    assert names == ["breached", "accepted"]
    assert answer.facts[0].occurred_at == 1 + ACCEPT_MS


def test_a_refusal_keeps_what_became_true_before_it() -> None:
    log = Log()
    _request(log)
    answer = log.ask("c1", 1 + ACCEPT_MS, complete=RequestCommand(request_id="r0"))
    assert (answer.verdict, answer.code) == ("refused", "wrong_state")
    assert [fact.breached.promise for fact in answer.facts] == ["accept"]


def test_a_tick_answers_only_when_something_is_due() -> None:
    log = Log()
    assert log.ask("t0", 1, tick=Tick(due_at=1)) is None
    _request(log)
    assert log.ask("t1", ACCEPT_MS, tick=Tick(due_at=1)) is None
    answer = log.ask("t2", 1 + ACCEPT_MS, tick=Tick(due_at=1))
    assert [fact.breached.promise for fact in answer.facts] == ["accept"]
    assert log.ask("t3", 2 + ACCEPT_MS, tick=Tick(due_at=1)) is None


def test_a_command_newer_than_this_program_is_refused() -> None:
    log = Log()
    answer = log.ask("c0", 1)
    assert (answer.verdict, answer.code, answer.facts) == ("refused", "unknown_command", [])
    assert log.ask("c0", 2) is None, "the same again is no news"


def test_a_rule_that_fails_refuses_its_command_and_keeps_what_came_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    _request(log)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("no rule is perfect")

    monkeypatch.setattr(services.AGENT.rules, "decide", fail)
    answer = log.ask("c1", 1 + ACCEPT_MS, accept=RequestCommand(request_id="r0"))
    assert (answer.verdict, answer.code) == ("refused", FAILED)
    assert "no rule is perfect" in answer.why.sentence
    assert [fact.breached.promise for fact in answer.facts] == ["accept"]
    assert log.refolded().expected == log.part.expected


@pytest.mark.parametrize(
    "body",
    [
        {"run_night_audit": RunNightAudit(close=datetime.date.max)},
        {"run_night_audit": RunNightAudit(close=datetime.date(2099, 12, 31))},
        {"set_room_status": RoomStatusChanged(room_id="101", dimension="block", value="none", until=2**62)},
        {"post_charge": PostCharge(reservation_id="R", kind="room", amount=Decimal(99_999_999_999_999))},
    ],
)
def test_what_would_overflow_is_refused_and_can_be_written(body: dict[str, Any]) -> None:
    log = Log(rooms.AGENT)
    record = RoomsCommand(
        command_id="c", property_id="h", actor_id="m", actor_role="manager", claimed_at=1, **body
    )
    answer = log.part.command(record, log._where("rooms.commands", 1), log.context)
    assert answer is not None
    assert (answer.verdict, answer.code) == ("refused", "invalid")
    assert encode(answer)


def test_a_clock_at_the_end_of_time_stays_out_of_the_house() -> None:
    log = Log(rooms.AGENT)
    answer = log.hear("b1", _status("1", "dirty", at=2**63 - 1), _status("2", "dirty", at=3))
    assert [fact.source_event_id for fact in answer.facts] == ["2"]


def test_a_zombies_answer_takes_a_place_and_changes_nothing() -> None:
    log = Log()
    answer = _request(log)
    part = Partition(services.AGENT)
    part.fold(answer, 4)
    assert (part.expected, part.next, part.hotels) == (5, {}, {})


def test_an_answer_with_a_newer_fact_stops_the_agent() -> None:
    answer = _request(Log())
    head = {name: getattr(answer, name) for name in AnswerHeader.__struct_fields__}
    newer = ServicesAnswer(**head, facts=[services.AGENT.fact(fact_id="f", occurred_at=1)])  # type: ignore[list-item]
    with pytest.raises(NewerThanAgent, match="services offset 0"):
        Partition(services.AGENT).fold(newer, 0)


def _fact(name: str, at: int, **body: Any) -> RoomsFact:
    fact_id = source_id("h", "pms", name)
    return RoomsFact(fact_id=fact_id, occurred_at=at, source_system="pms", source_event_id=name, **body)


def _status(name: str, value: str, at: int = 3) -> RoomsFact:
    body = RoomStatusChanged(room_id="101", dimension="housekeeping", value=value)
    return _fact(name, at, room_status_changed=body)


def test_a_batch_is_heard_once_and_so_is_each_of_its_facts() -> None:
    log = Log(rooms.AGENT)
    came = _fact("1", 2, checked_in=CheckedIn(reservation_id="R", room_id="101", guest_id="g"))
    answer = log.hear("b1", came, came, _status("2", "dirty"))
    names = [found[0] for fact in answer.facts if (found := said(fact))]
    assert names == ["checked_in", "room_status_changed", "room_status_changed"]
    assert answer.facts[1].fact_id == derived_id(came.fact_id, 0), "what follows has an id of its cause"
    assert answer.why.sentence == "3 facts out of 3 of pms."
    assert log.hear("b1", came) is None
    assert log.hear("b2", came, _status("2", "dirty")).facts == []
    again = log.refolded()
    assert again.hotel("h").rooms == log.part.hotel("h").rooms  # type: ignore[attr-defined]
    assert came.fact_id in again.seen
    assert "b2" in again.seen


def test_another_systems_fact_is_known_after_a_restart_by_whatever_id_it_has() -> None:
    log = Log(rooms.AGENT)
    dirty = RoomsFact(
        fact_id="theirs",
        occurred_at=1,
        source_system="pms",
        room_status_changed=RoomStatusChanged(room_id="101", dimension="housekeeping", value="dirty"),
    )
    log.hear("b1", dirty, _status("2", "clean", at=2))
    log.part = log.refolded()
    assert log.hear("b2", dirty).facts == []


def test_what_cannot_be_taken_stays_out_and_the_rest_of_the_batch_goes_in() -> None:
    log = Log(rooms.AGENT)
    answer = log.hear("b1", _fact("0", 1), _status("1", "sparkling"), _status("2", "dirty"))
    assert [fact.source_event_id for fact in answer.facts] == ["2"]
