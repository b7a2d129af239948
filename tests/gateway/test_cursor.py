"""Cursors: back and forth, and nobody's but ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cursor import LIVE_TOPICS, BadCursor, Cursors, Vector

PLACE = st.tuples(st.integers(0, 2**60), st.integers(0, 2**20))
VECTORS = st.lists(PLACE, min_size=len(LIVE_TOPICS), max_size=len(LIVE_TOPICS)).map(tuple)
OURS = Cursors("secret")


@given(VECTORS)
def test_it_means_the_same_at_every_gateway(vector: Vector) -> None:
    assert Cursors("secret").decode("h", OURS.encode("h", vector)) == vector


@given(VECTORS, st.data())
def test_another_hotels_a_changed_or_another_keys_cursor_is_refused(
    vector: Vector, data: st.DataObject
) -> None:
    cursor = OURS.encode("h", vector)
    at = data.draw(st.integers(0, len(cursor) - 2))
    changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
    for property_id, one, key in (("x", cursor, OURS), ("h", changed, OURS), ("h", cursor, Cursors("no"))):
        with pytest.raises(BadCursor):
            key.decode(property_id, one)


@given(st.text(max_size=700))
def test_any_text_is_a_bad_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        OURS.decode("h", text)
