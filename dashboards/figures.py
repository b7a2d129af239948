"""The figures of the tiles: each with its formula and n. Pure; rows as the warehouse gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# Event to screen is to stay within 3 s; with the refresh of a second, 10 s means that something is behind.
STALE_AFTER = timedelta(seconds=10)
AGES = (("under 10 min", 10), ("10 to 30 min", 30), ("30 to 60 min", 60), ("over an hour", None))


@dataclass(frozen=True, slots=True)
class Figure:
    """One tile's figure: what it is called, how it reads, how it is made, of how many."""

    name: str
    value: str
    formula: str
    n: int


def stale(as_of: datetime | None, now: datetime) -> bool:
    """Whether what is shown may not be called live any more."""
    return as_of is None or now - as_of > STALE_AFTER


def percent(part: int, whole: int) -> str:
    """One decimal; a dash where there is nothing to divide by."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def house(row: dict[str, Any]) -> list[Figure]:
    """Occupancy both ways, rooms to clean and ready, arrivals and departures as done / expected."""
    rooms, occupied = row["rooms"], row["occupied"]
    sellable = rooms - row["out_of_order"]
    arrivals, departures = row["arrivals_expected"], row["departures_expected"]
    return [
        Figure("Occupancy", percent(occupied, rooms), "occupied / rooms of the house (USALI)", rooms),
        Figure("Of sellable", percent(occupied, sellable), "occupied / (rooms - out of order)", sellable),
        Figure("Guests in house", str(row["guests"]), "adults and children of stays in house", occupied),
        Figure("Arrivals", f"{row['arrivals_done']} / {arrivals}", "checked in / expected today", arrivals),
        Figure(
            "Departures",
            f"{row['departures_done']} / {departures}",
            "checked out / due out today",
            departures,
        ),
        Figure("Ready", str(row["ready"]), "vacant, clean or inspected, not blocked", rooms),
        Figure("To clean", str(row["dirty"]), "rooms dirty or to pick up", rooms),
    ]


def ages(requests: Sequence[dict[str, Any]], now: datetime) -> dict[str, int]:
    """How many open requests there are by age."""
    found = {name: 0 for name, _ in AGES}
    for one in requests:
        minutes = (now - one["asked_at"]).total_seconds() / 60
        found[next(name for name, most in AGES if most is None or minutes < most)] += 1
    return found


def queue(requests: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Open requests by minutes to breach, the most urgent first; negative: past due."""
    return [
        {
            "Room": one["room"],
            "What": one["what"].replace("_", " "),
            "Department": one["who"].replace("_", " "),
            "Step": one["last"],
            "Minutes left": round((one["due"] - now).total_seconds() / 60) if one["due"] else None,
        }
        for one in requests
    ]


def revenue(row: dict[str, Any]) -> list[Figure]:
    """ADR, room and total revenue of one business date."""
    nights = row["room_nights"] - row["complimentary_nights"]
    currency, rooms, other = row["currency"], row["room_revenue"], row["other_revenue"]
    adr = f"{rooms / nights:,.2f} {currency}" if nights else "–"
    return [
        Figure("Room revenue", f"{rooms:,.2f} {currency}", "room charges of the business date", nights),
        Figure("Other revenue", f"{other:,.2f} {currency}", "all other charges of the business date", nights),
        Figure("ADR", adr, "room revenue / rooms sold, without complimentary", nights),
    ]


def on_duty(people: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who is on shift, what they have done; response as a mean with its n."""
    return [
        {
            "Staff": one["staff_id"],
            "Department": one["department"].replace("_", " "),
            "Now": "break" if one["on_break"] else "on duty",
            "Done": one["completed"],
            "Response, min": round(one["response_ms"] / one["accepted"] / 60_000, 1)
            if one["accepted"]
            else None,
            "n": one["accepted"],
        }
        for one in people
        if one["on_shift"]
    ]
