"""Ids of the last days are known; older ones are forgotten, and the memory is bounded by days."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.rules.seen import DAY_MS, ID_BYTES, KEEP_DAYS, PIECE_BYTES, PIECE_IDS, Seen


@given(st.lists(st.tuples(st.text(), st.integers(0, DAY_MS * (KEEP_DAYS - 1))), max_size=40))
def test_everything_of_the_last_days_is_known_in_any_order(heard: list[tuple[str, int]]) -> None:
    seen = Seen()
    for name, at in heard:
        seen.add(name, at)
    assert all(name in seen for name, _ in heard)
    assert "\x00 never said" not in seen


@given(st.lists(st.tuples(st.text(), st.integers(0, DAY_MS * (KEEP_DAYS + 2))), max_size=40))
def test_pieces_hold_all_of_it(heard: list[tuple[str, int]]) -> None:
    seen, again = Seen(), Seen()
    for name, at in heard:
        seen.add(name, at)
    again.restore(seen.pieces())
    assert again.pieces() == seen.pieces()
    for name, at in heard:
        assert (name in again) == (name in seen)
        again.add(name, at)
        seen.add(name, at)
    assert again.pieces() == seen.pieces()


def test_a_full_piece_stays_as_it_is() -> None:
    seen = Seen()
    for number in range(2 * PIECE_BYTES // ID_BYTES + 1):
        seen.add(f"id-{number}", 1)
    before = seen.pieces()
    assert [len(piece) for piece in before.values()] == [PIECE_BYTES, PIECE_BYTES, ID_BYTES]
    seen.add("one more", 1)
    after = seen.pieces()
    assert [after[name] is before[name] for name in ("0.0", "0.1", "0.2")] == [True, True, False]
    again = Seen()
    again.restore(after)
    assert again.pieces() == after


def test_what_is_older_than_the_window_is_forgotten() -> None:
    seen = Seen()
    seen.add("old", 0)
    seen.add("young", DAY_MS * KEEP_DAYS - 1)
    assert "old" in seen
    seen.add("new", DAY_MS * KEEP_DAYS)
    assert "old" not in seen
    assert "young" in seen
    seen.add("late", 1)
    assert "late" not in seen, "the day itself was forgotten"


def test_many_ids_of_a_day_are_told_apart_and_take_little() -> None:
    seen, count = Seen(), 3 * PIECE_IDS
    for number in (*range(count), *range(0, count, 7)):
        seen.add(f"id-{number}", number % 2 * DAY_MS)
    assert all(f"id-{number}" in seen for number in range(count))
    assert not any(f"other-{number}" in seen for number in range(count))
    assert sum(len(piece) for piece in seen.pieces().values()) == count * ID_BYTES
    again = Seen()
    again.restore(seen.pieces())
    assert all(f"id-{number}" in again for number in range(count))
    assert not any(f"other-{number}" in again for number in range(count))
    tables = [table for day in again._days.values() for table in day.tables]
    assert sum(len(table) * table.itemsize for table in tables) < count * 16
