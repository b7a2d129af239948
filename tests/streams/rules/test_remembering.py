"""What a folder remembers: a fold that is recalled in the middle says what one says that never stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import said
from schemas.ids import new_id
from schemas.records.base import FactHeader
from schemas.records.folds import FoldHeader, MemoryMark, MemoryPiece, Slot
from schemas.records.services import ServiceCompleted, ServicesFact
from schemas.records.settings import SettingsRecord
from streams.agents import occupancy, performance, revenue, service_load
from streams.rules import performance as performance_rules
from streams.rules import remembering
from streams.rules.folding import Folded, Kind
from streams.rules.remembering import Memory
from tests.infra.oracle.folds.test_occupancy import HOUSE
from tests.schemas.facts import ROOMS, SERVICES, STAFF
from tests.streams.rules.test_service_load import requested

BOUNDS = {"rooms": (0, 100), "settings": (0, 100), "services": (0, 100), "staff": (0, 100)}
CUT = st.integers(0, 24)
Said = Sequence[FactHeader | SettingsRecord]


def folded(folded: Folded, said_: Said) -> Folded:
    for one in said_:
        if isinstance(one, SettingsRecord):
            assert folded.kind.settings is not None
            folded.kind.settings(folded._hotel("h"), one)
        else:
            found = said(one)
            assert found is not None
            folded._hotel("h").apply("", one, found[1])
    return folded


def values(folded: Folded) -> dict[tuple[str, str], FoldHeader]:
    folded.as_of = 1_772_366_400_000
    return {(own, one.id): one for own in folded.hotels for one in folded.snapshot(own)}


def recalled(held: Folded, chunk: int = remembering.CHUNK, words: int = performance_rules.WORDS) -> Folded:
    """What comes back of it by way of records."""
    memory = Memory()
    with patch.object(remembering, "CHUNK", chunk), patch.object(performance_rules, "WORDS", words):
        pieces = list(remembering.pieces(held, 0, "a", "s"))
    for piece in pieces:
        memory.take(piece)
    memory.take(mark(len(pieces), folder=held.kind.name))
    found, reason = memory.newest(held.kind.name, "p", BOUNDS)
    assert found is not None, reason
    again = Folded(held.kind, {})
    for piece in memory.pieces(found):
        again.recall(piece.property_id, piece.part, piece.chunk)
    return again


def mark(pieces: int, folder: str = "f", slot: Slot = "a", snapshot: str = "s", **other: Any) -> MemoryMark:
    given: dict[str, Any] = {"program": "p", "vector": {"rooms": 1}, "as_of": 1} | other
    return MemoryMark(folder=folder, partition=0, slot=slot, snapshot=snapshot, pieces=pieces, **given)


def assert_same(kind: Kind, told: Said, cut: int, **sizes: int) -> None:
    """However far it was written before, all of it is said again."""
    held = folded(Folded(kind, {}), told[:cut])
    values(held)
    again = folded(recalled(held, **sizes), told[cut:])
    assert values(again) == values(folded(Folded(kind, {}), told))


@given(ROOMS, st.integers(0, len(HOUSE)), CUT, st.sampled_from([1, 200]))
def test_occupancy(facts: list[Any], settings: int, cut: int, chunk: int) -> None:
    assert_same(occupancy.KIND, [*HOUSE[:settings], *facts, *HOUSE[settings:]], cut, chunk=chunk)


@given(ROOMS, CUT, st.sampled_from([1, 200]))
def test_revenue(facts: list[Any], cut: int, chunk: int) -> None:
    assert_same(revenue.KIND, facts, cut, chunk=chunk)


@given(SERVICES, CUT, st.sampled_from([1, 200]))
def test_service_load(facts: list[Any], cut: int, chunk: int) -> None:
    assert_same(service_load.KIND, facts, cut, chunk=chunk)


@given(SERVICES, STAFF, CUT, st.sampled_from([1, 200]), st.sampled_from([1, 20]))
def test_performance(services: list[Any], staff: list[Any], cut: int, chunk: int, words: int) -> None:
    told = [*services[:6], *staff, *services[6:]]
    assert_same(performance.KIND, told, cut, chunk=chunk, words=words)


def test_a_department_that_all_requests_have_left_is_said_again() -> None:
    moved = [
        ServicesFact(fact_id=new_id(), occurred_at=at, requested=requested("a", department))
        for at, department in ((1, "spa"), (2, "housekeeping"))
    ]
    assert {own for _, own in values(recalled(folded(Folded(service_load.KIND, {}), moved)))} == {
        "spa",
        "housekeeping",
    }


def test_a_piece_is_little_more_than_its_bound() -> None:
    done = ServiceCompleted(request_id="a", staff_id="s")
    facts = [ServicesFact(fact_id=str(n), occurred_at=n, completed=done) for n in range(300)]
    held = folded(Folded(performance.KIND, {}), facts)
    with patch.object(remembering, "CHUNK", 2_000):
        sizes = [len(piece.chunk) for piece in remembering.pieces(held, 0, "a", "s")]
    assert len(sizes) > 3
    assert max(sizes) < 4_000, "one item more at most: 20 words"


def test_a_part_that_is_none_is_refused() -> None:
    for kind in (occupancy.KIND, service_load.KIND, performance.KIND, revenue.KIND):
        with pytest.raises(ValueError, match="other"):
            Folded(kind, {}).recall("h", "other", b"\x90")


def piece(number: int, slot: Slot = "a", snapshot: str = "s") -> MemoryPiece:
    return MemoryPiece(
        folder="f", partition=0, slot=slot, snapshot=snapshot, number=number, property_id="h", part="p",
        chunk=b"\x90",
    )  # fmt: skip


def newest(*records: MemoryPiece | MemoryMark) -> tuple[str, str]:
    """Id of the newest good snapshot, and why there is none."""
    memory = Memory()
    for record in records:
        memory.take(record)
    found, reason = memory.newest("f", "p", BOUNDS)
    return found.snapshot if found else "", reason


def test_a_snapshot_counts_only_whole_and_of_this_program_and_within_the_log() -> None:
    assert newest() == ("", "")
    assert newest(piece(0)) == ("", "no mark")
    assert newest(piece(0), piece(1), mark(2)) == ("s", "")
    assert newest(piece(1), mark(2)) == ("", "piece 0 of 2 is another snapshot's or missing")
    torn = newest(piece(0), piece(1), mark(2), piece(1, snapshot="t"))
    assert torn == ("", "piece 1 of 2 is another snapshot's or missing")
    assert newest(piece(0), mark(1), piece(1, snapshot="older")) == ("s", ""), (
        "what lies behind it is no harm"
    )
    assert newest(mark(0, program="q")) == ("", "another program's mark")
    outside = newest(mark(0, vector={"rooms": 101}))
    assert outside == ("", "rooms is 0 to 100, the mark says 101")
    assert newest(mark(0, vector={"gone": 1}))[0] == ""
    assert newest(mark(0, folder="g")) == ("", "")


def test_of_two_good_ones_that_counts_which_reflects_more_and_a_torn_one_harms_none() -> None:
    old, new = mark(1), mark(1, slot="b", snapshot="t", vector={"rooms": 2})
    both = (piece(0), old, piece(0, "b", "t"), new)
    assert newest(*both) == ("t", "")
    assert newest(*both, piece(0, "b", "u")) == ("s", "")
    assert newest(new, piece(0, "b", "t"), piece(0), old) == ("t", ""), "whichever was written last"


def test_the_next_snapshot_of_a_slot_takes_the_same_keys() -> None:
    assert remembering.key(piece(3, "b")) == b"*/f/b.3"
    assert remembering.key(mark(1)) == b"*/f/a.mark"
