"""Ids: new ones differ and sort, derived ones repeat."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from schemas import ids


@given(st.integers(0, 2**47))
def test_a_new_id_is_a_uuid7_of_its_millisecond(now_ms: int) -> None:
    parsed = uuid.UUID(ids.new_id(now_ms))
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == now_ms


def test_new_ids_differ_and_later_ones_sort_later() -> None:
    assert len({ids.new_id(5) for _ in range(1000)}) == 1000
    assert ids.new_id(5) < ids.new_id(6)


def test_derived_ids_repeat_and_keep_places_apart() -> None:
    assert ids.derived_id("a", 1) == ids.derived_id("a", 1)
    assert (
        len({ids.derived_id("a"), ids.derived_id("a", 1), ids.derived_id("a", 11), ids.derived_id("a1", 1)})
        == 4
    )


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_derived_id_is_a_uuid5_of_our_space(source: str, place: str) -> None:
    assert ids.derived_id(source, place) == str(uuid.uuid5(ids._SPACE, f"{source}\x1f{place}"))


def test_a_source_event_is_the_same_fact_only_in_its_hotel_and_system() -> None:
    assert len({ids.source_id(p, s, "7") for p in "ab" for s in ("mews", "opera")}) == 4


def test_equal_rows_are_told_apart_by_their_occurrence() -> None:
    first = ids.row_id("h", "bookings", "a,b", 1)
    assert first == ids.row_id("h", "bookings", "a,b", 1)
    assert first != ids.row_id("h", "bookings", "a,b", 2)
    assert len(first) == 64
