"""Which hotel a reading request is about, and one page of what it asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from gateway.auth import Reader
from gateway.commands import hotel_of
from gateway.readmodel.hotel import Hotel
from gateway.state import Live

I = TypeVar("I")  # noqa: E741  # an item
PAGE, MAX_PAGE = 200, 1000

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")]
After = Annotated[str, Query(max_length=200, description="The last id of the page before.")]
PropertyId = Annotated[str | None, Query(max_length=200, description="The hotel; unsaid: the token's.")]


def hotel_asked(claims: Reader, live: Live, property_id: PropertyId = None) -> Hotel:
    """Dependency: the hotel. 403 foreign or for the data role (it reads the warehouse), 404 unknown."""
    return live.model.of(hotel_of(live, claims, property_id))


InHotel = Annotated[Hotel, Depends(hotel_asked)]


def page(items: Sequence[tuple[str, I]], after: str, limit: int) -> tuple[list[I], str | None]:
    """One page of (id, item) by id, and the id to go on after (None: it was the last)."""
    left = [one for one in sorted(items, key=lambda one: one[0]) if one[0] > after]
    more = left[limit - 1][0] if len(left) > limit else None
    return [item for _, item in left[:limit]], more
