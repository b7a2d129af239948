"""Recovery from a mark is recovery by folding everything, wherever the writer of the snapshot was killed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import encode
from schemas.records.base import AnswerHeader, Cause, SeenIds, Why
from schemas.records.rooms import ChargePosted, CheckedOut, RoomAssigned, RoomsFact
from schemas.snapshots import PARTITION, Entities, Snapshot
from streams.agents import catalogue
from streams.rules import marking
from streams.rules.answering import Agent, Partition
from streams.rules.shelf import Packed
from tests.schemas.facts import ALERTS, NOTIFICATIONS, ROOMS, SERVICES, STAFF
from tests.streams.whole import whole

PROGRAM = "this"
FACTS = {
    "rooms": ROOMS,
    "services": SERVICES,
    "staff": STAFF,
    "alerts": ALERTS,
    "notifications": NOTIFICATIONS,
}
Lying = list[tuple[int, bytes, bytes | None]]


class Log:
    """One partition of an agent: its answers, and its `.state` topic as (offset, key, value)."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.answers: list[AnswerHeader] = []
        self.state: Lying = []
        self.ids = count()
        self.part = Partition(agent)
        self.lying: Entities = {}
        self.pieces: Iterator[marking.Piece] | None = None

    def answer(self, property_id: str, facts: list[Any], foreign: bool = False) -> None:
        """What the agent said, and folded; or what a zombie said."""
        number = next(self.ids)
        make: Any = self.agent.answer
        offset = len(self.answers)
        self.answers.append(
            make(
                event_id=f"e{number}",
                property_id=property_id,
                recorded_at=number * 3_600_000,
                actor_id="ann",
                actor_role="staff",
                causation_id=f"c{number}",
                cause=Cause(topic=self.agent.commands.name, partition=0, offset=number),
                expected=offset - 1 if foreign else offset,
                verdict="accepted",
                why=Why(rule="r", sentence="s"),
                facts=facts,
            )
        )
        self.part.fold(self.answers[-1], offset)

    def write(self, key: bytes, value: bytes | None) -> None:
        self.state.append((len(self.state), key, value))

    def slice(self) -> None:
        """The next slice of a snapshot; the next snapshot begins where one ended."""
        for key, record in next(self._slices()):
            self.write(key, None if record is None else encode(record))

    def _slices(self) -> Iterator[marking.Piece]:
        if self.pieces is None:
            self.pieces = self._snapshot()
        return self.pieces

    def _snapshot(self) -> Iterator[marking.Piece]:
        while True:
            yield from marking.snapshot(self.part, 0, self.lying, len(self.state), PROGRAM)

    def snapshot(self) -> None:
        """A whole one."""
        self.pieces = None
        self.slice()
        while not self.state or self.state[-1][1] != b"*/mark/0":
            self.slice()

    def read(self, state: Lying) -> Snapshot:
        found = Snapshot(self.agent.state)
        for offset, key, value in state:
            found.take(offset, key, value)
        return found

    def restart(self) -> None:
        """The process died: the next one has nothing but the log."""
        self.part = self.recovered(self.state)
        self.lying = self.read(self.state).lying()
        self.pieces = None

    def recovered(self, state: Lying) -> Partition:
        """By the mark where it is good, else in full."""
        found = self.read(state)
        if found.unfit(PROGRAM, 0, len(self.answers)):
            return self.folded()
        assert found.mark is not None
        part = marking.restored(self.agent, found.mark, found.marked())
        for offset in range(found.mark.facts_end, len(self.answers)):
            part.fold(self.answers[offset], offset)
        return part

    def folded(self) -> Partition:
        part = Partition(self.agent)
        for offset, answer in enumerate(self.answers):
            part.fold(answer, offset)
        return part


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of a record or two, so that everything happens between them."""
    monkeypatch.setattr(marking, "PIECE", 2)
    monkeypatch.setattr(marking, "LOOK", 3)


def _steps(agent: str) -> st.SearchStrategy[list[tuple[str, Any, Any]]]:
    answer = st.tuples(st.sampled_from(["answer", "answer", "zombie"]), st.sampled_from("hi"), FACTS[agent])
    other = st.tuples(st.sampled_from(["slice", "slice", "kill"]), st.integers(1, 4), st.none())
    return st.lists(answer | other, max_size=25)


@pytest.mark.parametrize("agent", catalogue.DECIDERS)
@settings(deadline=None)
@given(data=st.data())
def test_killed_anywhere_it_comes_back_as_if_everything_was_folded(agent: str, data: st.DataObject) -> None:
    log = Log(catalogue.decider(agent))
    for step, which, facts in data.draw(_steps(agent)):
        match step:
            case "slice":
                for _ in range(which):
                    log.slice()
            case "kill":
                log.restart()
            case _:
                log.answer(which, facts, foreign=step == "zombie")
        assert whole(log.part) == whole(log.folded())
    expected = whole(log.folded())
    for length in range(len(log.state) + 1):
        assert whole(log.recovered(log.state[:length])) == expected
    if log.state:
        length = data.draw(st.integers(0, len(log.state)))
        cleaned = _compacted(log.state[:length], data.draw(st.integers(0, length)))
        assert whole(log.recovered(cleaned)) == expected


def _compacted(state: Lying, upto: int) -> Lying:
    """As the broker may leave it: below `upto` only the newest record of each key."""
    newest = {key: offset for offset, key, _ in state[:upto]}
    return [one for one in state if one[0] >= upto or newest[one[1]] == one[0]]


def _house() -> Log:
    log = Log(catalogue.decider("rooms"))
    log.answer("h", [_fact(1, room_assigned=RoomAssigned(reservation_id="A", room_id="101"))])
    log.snapshot()
    return log


def _fact(at: int, **body: Any) -> RoomsFact:
    return RoomsFact(fact_id=f"f{at}", occurred_at=at, **body)


def test_only_what_changed_is_written_again() -> None:
    log = _house()
    before = len(log.state)
    log.answer("h", [_fact(2, room_assigned=RoomAssigned(reservation_id="B", room_id="102"))])
    log.snapshot()
    assert [key for _, key, _ in log.state[before:]] == [
        b"*/seen/0.0",
        b"h/reservation/B",
        b"*/mark/0",
    ]


def test_what_lies_there_is_in_memory_once_after_a_start_and_is_not_written_again() -> None:
    log = _house()
    log.answer("h", [_fact(3, checked_out=CheckedOut(reservation_id="A", room_id="101"))])
    log.snapshot()
    found = log.read(log.state)
    assert found.mark is not None
    log.part, log.lying = marking.restored(log.agent, found.mark, found.marked()), found.lying()
    held = log.part.hotel("h").entities()
    assert isinstance(held["reservation"]["A"], Packed)
    for kind, bodies in held.items():
        for own, body in bodies.items():
            assert log.lying["h"][kind][own] is body
    before, log.pieces = len(log.state), None
    while len(log.state) == before:
        log.slice()
    assert [key for _, key, _ in log.state[before:]] == [b"*/mark/0"]


def test_a_zombies_record_between_the_pieces_makes_the_mark_worthless() -> None:
    log = _house()
    good = log.read(log.state).mark
    log.answer("h", [_fact(2, room_assigned=RoomAssigned(reservation_id="A", room_id="102"))])
    pieces = list(marking.snapshot(log.part, 0, log.lying, len(log.state), PROGRAM))
    log.write(b"h/reservation/A", None)
    for piece in pieces:
        for key, record in piece:
            log.write(key, None if record is None else encode(record))
    assert log.read(log.state).mark == good
    assert whole(log.recovered(log.state)) == whole(log.folded())
    log.restart()
    log.snapshot()
    assert whole(log.recovered(log.state)) == whole(log.folded())


def test_what_a_mark_cannot_vouch_for_is_folded_in_full() -> None:
    log = _house()
    found = log.read(log.state)
    assert found.unfit(PROGRAM, 0, 1) == ""
    assert found.unfit("another", 0, 1) == "another program's mark"
    assert found.unfit(PROGRAM, 0, 0) == "the facts are 0 to 0, the mark says 1"
    assert found.unfit(PROGRAM, 2, 5) == "the facts are 2 to 5, the mark says 1"
    assert log.read([]).unfit(PROGRAM, 0, 1) == "no mark"
    lost = [one for one in log.state if one[1] != b"h/reservation/A"]
    assert log.read(lost).unfit(PROGRAM, 0, 1) == "1 entities before a mark of 2"


def test_what_cannot_be_read_is_written_again_and_what_nobody_knows_is_taken_away() -> None:
    log = _house()
    log.write(b"h/reservation/A", b"poison")
    log.write(b"h/reservation/ghost", b"poison")
    log.write(b"h/later-kind/x", log.state[1][2])
    log.write(b"nonsense", None)
    log.restart()
    before = len(log.state)
    log.snapshot()
    assert {key: value is None for _, key, value in log.state[before:]} == {
        b"h/reservation/A": False,
        b"h/reservation/ghost": True,
        b"h/later-kind/x": True,
        b"*/mark/0": False,
    }


def test_a_hotel_that_went_on_during_the_snapshot_is_not_told_its_facts_twice() -> None:
    log = Log(catalogue.decider("rooms"))
    for hotel in "hi":
        log.answer(hotel, [_fact(1, room_assigned=RoomAssigned(reservation_id="A", room_id="101"))])
    log.slice()
    charge = ChargePosted(
        charge_id="c",
        reservation_id="A",
        business_date=datetime.date(2026, 3, 1),
        kind="room",
        amount=Decimal(1),
        currency="EUR",
    )
    log.answer("i", [_fact(2, charge_posted=charge)])
    while not (mark := log.read(log.state).mark):
        log.slice()
    assert (mark.facts_end, mark.hotels) == (2, {"h": 3, "i": 3})
    again = log.recovered(log.state)
    assert again.hotels["i"].entities()["reservation"]["A"].charge_ids == ["c"]
    assert whole(again) == whole(log.folded())


def test_a_stray_hotel_of_the_partitions_name_means_no_snapshot() -> None:
    log = Log(catalogue.decider("rooms"))
    log.answer(PARTITION, [])
    assert list(marking.snapshot(log.part, 0, {}, 0, PROGRAM)) == []


def test_a_slice_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    log = Log(catalogue.decider("rooms"))
    many = [
        _fact(n, room_assigned=RoomAssigned(reservation_id=str(n), room_id="101")) for n in range(1, 2_500)
    ]
    log.answer("h", many)
    sizes = [len(piece) for piece in marking.snapshot(log.part, 0, log.lying, 0, PROGRAM)]
    assert sizes == [1, *[marking.PIECE] * 99, 24, 1]
    again = [len(piece) for piece in marking.snapshot(log.part, 0, log.lying, 0, PROGRAM)]
    assert again == [0, 0, 0, 0, 1]
    assert any(isinstance(record, SeenIds) for _, record in next(marking.snapshot(log.part, 0, {}, 0, "")))
