"""State of the folders: absolute values, never deltas, with the vector of offsets they reflect."""

from __future__ import annotations

import datetime
from typing import Literal

from schemas.record import Id, Line, Millis, Money, Record


class FoldHeader(Record, frozen=True, kw_only=True):
    """Head of a folder's record: `vector` maps a fact topic to the first offset not yet folded."""

    property_id: Id
    kind: Line
    id: Id
    vector: dict[str, int]
    as_of: Millis


class OccupancyState(FoldHeader, frozen=True, kw_only=True):
    """The house now (`id` = "live"). Percentages are computed by readers: sold / available."""

    business_date: datetime.date | None
    rooms: int
    occupied: int
    out_of_order: int
    out_of_service: int
    dirty: int
    ready: int
    guests: int
    arrivals_expected: int
    arrivals_done: int
    departures_expected: int
    departures_done: int


class ServiceLoadState(FoldHeader, frozen=True, kw_only=True):
    """The queue of one department (`id`) now."""

    open: int
    assigned: int
    accepted: int
    started: int
    completed: int
    breached_open: int
    oldest_open_at: Millis | None
    credits_open: float


class PerformanceState(FoldHeader, frozen=True, kw_only=True):
    """One member of staff (`id`) since the log began; sums in ms, so that means have their n."""

    department: Line
    on_shift: bool
    on_break: bool
    assigned: int
    accepted: int
    completed: int
    released: int
    response_ms: int
    resolution_ms: int
    resolved_on_time: int
    credits_done: float
    ratings: int
    rating_sum: int


class RevenueState(FoldHeader, frozen=True, kw_only=True):
    """Revenue of one business date (`id`), in the hotel's currency."""

    business_date: datetime.date
    currency: Line
    room_revenue: Money
    other_revenue: Money
    room_nights: int
    complimentary_nights: int
    charges: int


Slot = Literal["a", "b"]


class MemoryPiece(Record, frozen=True, kw_only=True):
    """Piece `number` of a `snapshot` of what `folder` knows of a partition: msgpack, for one program only."""

    folder: Line
    partition: int
    slot: Slot
    snapshot: Id
    number: int
    property_id: Id
    part: Line
    chunk: bytes


class MemoryMark(Record, frozen=True, kw_only=True):
    """Written last: the `pieces` of this `snapshot` are the folder's partition after all below `vector`.

    It counts only where each of them lies in its `slot`, and only for the `program` that wrote it.
    """

    folder: Line
    partition: int
    slot: Slot
    snapshot: Id
    pieces: int
    program: Line
    vector: dict[str, int]
    as_of: Millis
