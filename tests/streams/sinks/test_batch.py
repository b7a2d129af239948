"""Batches: one insert a table, in order, with a token that content changes."""

from __future__ import annotations

import datetime
from decimal import Decimal

from streams.sinks.batch import MAX_ROWS, Batch, Insert
from streams.sinks.place import Place


def batch(*rows: tuple[int, str, int], marks: dict[tuple[str, str, int], int] | None = None) -> Batch:
    """A batch of (offset, table, value)."""
    found = Batch("rooms", 2)
    for offset, table, value in rows:
        found.add(Place("rooms", 2, offset, offset * 10), [(table, (2, offset, value))], marks or {})
    return found


def test_columns_in_order_a_table() -> None:
    found = batch((4, "a", 1), (5, "b", 2), (7, "a", 3))
    assert {insert.table: insert.columns for insert in found.inserts()} == {
        "a": [(2, 2), (4, 7), (1, 3)],
        "b": [(2,), (5,), (2,)],
    }
    assert (found.first_offset, found.next_offset, found.logged_at, found.records) == (4, 8, 70, 3)


def test_the_token_says_place_and_content() -> None:
    one, same, other = (next(batch((4, "a", value)).inserts()).token for value in (1, 1, 2))
    assert one == same != other
    assert one.startswith("rooms-2-4-4-")


def test_the_token_reads_whatever_a_row_may_hold() -> None:
    day, money = datetime.date(2026, 5, 1), Decimal("1.10")
    values = ["", "a", b"a", 1, 2**63 - 1, 1.5, True, None, day, money, ["a"], [1.5], {"rooms": 1}]
    tokens = {Insert("a", "rooms", 2, [(2, 4, value)]).token for value in values}
    assert len(tokens) == len(values)


def test_rows_that_a_table_has_are_left_out_but_progress_goes_on() -> None:
    found = batch((4, "a", 1), (5, "a", 2), marks={("a", "rooms", 2): 4, ("a", "rooms", 1): 99})
    [insert] = found.inserts()
    assert insert.columns == [(2,), (5,), (2,)]
    assert found.next_offset == 6
    covered = batch((4, "a", 1), marks={("a", "rooms", 2): 9})
    assert (list(covered.inserts()), covered.next_offset) == ([], 5)


def test_full_at_the_bound() -> None:
    found = Batch("rooms", 0)
    found.add(Place("rooms", 0, 0, 0), [("a", (1,))] * MAX_ROWS, {})
    assert found.full
