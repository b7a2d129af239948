"""Times, dates and amounts that no hotel has: taken once, they would overflow a sum or a column for ever.

The record on the log would be read again at every start, so nothing beyond these bounds may get that far.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from schemas.record import Millis, Money, Record

# 2100-01-01 in ms: the warehouse's times end in 2299, and one more millisecond must always fit.
LATEST_MS = 4_102_444_800_000
EARLIEST_DATE, LATEST_DATE = datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)
# A sum has 14 digits before the point: 100,000 amounts of this size fit.
MOST_MONEY = Decimal(1_000_000_000)


def beyond(body: Record) -> str:
    """Which value of this body no hotel has, as a sentence's end; empty: none."""
    for name, kind in _bounded(type(body)):
        value = getattr(body, name)
        if value is not None and (reason := _BOUNDS[kind](value)):
            return f"{name} is {value}: {reason}"
    return ""


def time_beyond(at: int) -> str:
    """Why `at` (ms) is no time of a hotel; empty: it is one."""
    return "" if 0 <= at < LATEST_MS else "times lie between 1970 and 2100"


def _date(value: datetime.date) -> str:
    return "" if EARLIEST_DATE <= value < LATEST_DATE else "dates lie between 1900 and 2100"


def _money(value: Decimal) -> str:
    if value.is_finite() and abs(value) <= MOST_MONEY:
        return ""
    return f"amounts are at most {MOST_MONEY:,}"


def _amount_of_work(value: float) -> str:
    return "" if 0 <= value < 1_000_000 else "it is no amount of work"


_BOUNDS: dict[str, Any] = {"time": time_beyond, "date": _date, "money": _money, "work": _amount_of_work}


@cache
def _bounded(record: type[Record]) -> tuple[tuple[str, str], ...]:
    hints = get_type_hints(record, include_extras=True)
    found = []
    for field in msgspec.structs.fields(record):
        kinds = {hints[field.name], *get_args(hints[field.name])}
        if Millis in kinds:
            found.append((field.name, "time"))
        elif Money in kinds:
            found.append((field.name, "money"))
        elif datetime.date in kinds:
            found.append((field.name, "date"))
        elif float in kinds:
            found.append((field.name, "work"))
    return tuple(found)
