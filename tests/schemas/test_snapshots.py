"""Only what lies before a mark in its place counts."""

from __future__ import annotations

from schemas.codec import encode
from schemas.records.base import StateMark
from schemas.records.staff import ShiftState, StaffEntity
from schemas.snapshots import Snapshot
from schemas.topics import STAFF_STATE, entity_key


def _shift(own: str, shift_id: str = "s") -> tuple[bytes, bytes]:
    shift = ShiftState(staff_id=own, shift_id=shift_id, department="spa", started_at=1, ends_at=2)
    entity = StaffEntity(property_id="h", kind="shift", id=own, offset=0, shift=shift)
    return entity_key("h", "shift", own), encode(entity)


def _mark(expected: int, entities: int) -> tuple[bytes, bytes]:
    mark = StateMark(
        agent="staff", partition=0, facts_end=1, expected=expected, next={}, entities=entities, program="p"
    )
    return b"*/mark/0", encode(mark)


def _read(*records: tuple[bytes | None, bytes | None]) -> Snapshot:
    found = Snapshot(STAFF_STATE)
    for offset, (key, value) in enumerate(records):
        found.take(offset, key, value)
    return found


def _ids(found: Snapshot) -> dict[str, str]:
    return {own: shift.shift_id for own, shift in found.marked()["h"]["shift"].items()}


def test_what_lies_behind_the_mark_does_not_count_until_the_next() -> None:
    begun = [_shift("ann"), _mark(1, 1), _shift("ann", "later"), _shift("bob")]
    found = _read(*begun)
    assert (_ids(found), found.unfit("p", 0, 1), found.end) == ({"ann": "s"}, "", 4)
    assert found.lying()["h"]["shift"].keys() == {"ann", "bob"}
    ended = _read(*begun, _mark(4, 2))
    assert _ids(ended) == {"ann": "later", "bob": "s"}


def test_a_mark_elsewhere_than_it_says_vouches_for_nothing() -> None:
    found = _read(_shift("ann"), _mark(1, 1), _shift("bob"), _mark(2, 2))
    assert (_ids(found), found.unfit("p", 0, 1)) == ({"ann": "s"}, "")
    assert _read(_shift("ann"), _mark(0, 1)).unfit("p", 0, 1) == "no mark"


def test_what_was_cleaned_away_is_missed() -> None:
    gone = (None, None)
    found = _read(gone, _shift("bob"), _mark(2, 2), _shift("ann", "later"))
    assert found.unfit("p", 0, 1) == "1 entities before a mark of 2"


def test_a_tombstone_takes_away() -> None:
    found = _read(_shift("ann"), _shift("bob"), (b"h/shift/ann", None), _mark(3, 1))
    assert (_ids(found), found.unfit("p", 0, 1)) == ({"bob": "s"}, "")


def test_a_key_that_is_not_the_records_own_holds_nothing() -> None:
    found = _read((b"h/shift/bob", _shift("ann")[1]), (b"h/shift/cem", b"poison"), _mark(2, 0))
    assert found.marked() == {"h": {"shift": {"bob": None, "cem": None}}}
