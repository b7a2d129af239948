"""The figures of the tiles: each with its formula and n. Pure; rows as the warehouse's views give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Event to screen is to stay within 3 s; with the refresh of a second, 10 s means that something is behind.
STALE_AFTER = timedelta(seconds=10)
# ASCII punctuation that may mean something to Markdown, to mathematics or to Streamlit's own directives.
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
# v_service_queue's buckets, in order.
AGES = ("0-5", "5-15", "15-30", "30-60", "60+")
# What each section is made of: it is as old as the oldest of its topics.
TOPICS: dict[str, tuple[str, ...]] = {
    "Alerts": ("alerts", "system"),
    "The house": ("rooms", "occupancy.state"),
    "Service queue": ("services",),
    "Staff": ("services", "staff", "performance.state"),
    "Revenue": ("rooms", "revenue.state"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One tile's figure: what it is called, how it reads, how it is made, of how many."""

    name: str
    value: str
    formula: str
    n: int


def as_of(section: str, complete: Mapping[str, datetime]) -> datetime | None:
    """Up to when a section's tables are complete; `complete` says it by topic. None: not known."""
    found = [complete.get(topic) for topic in TOPICS[section]]
    known = [one for one in found if one is not None and one.year > 1970]
    return min(known) if len(known) == len(found) else None


def stale(at: datetime | None, now: datetime) -> bool:
    """Whether what is shown may not be called live any more."""
    return at is None or now - at > STALE_AFTER


def zone(name: str) -> tzinfo:
    """The hotel's time zone; UTC where its settings name none that exists."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def percent(part: int, whole: int) -> str:
    """One decimal; a dash where there is nothing to divide by."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def house(row: Mapping[str, Any]) -> list[Figure]:
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


def ages(rows: Iterable[Mapping[str, Any]]) -> list[Figure]:
    """How many requests are not done, by age."""
    counts = {row["age_bucket"]: row["n"] for row in rows}
    of = sum(counts.values())
    formula = "requests not done by minutes since they were made"
    return [Figure(f"{bucket} min", str(counts.get(bucket, 0)), formula, of) for bucket in AGES]


def queue(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Requests not done as a table, the most urgent first; minutes left are negative past the promise."""
    return [
        {
            "Room": one["room_id"],
            "What": one["item"].replace("_", " "),
            "Department": one["department"].replace("_", " "),
            "Step": one["status"],
            "Age, min": round(one["age_minutes"]),
            "Minutes left": None if one["minutes_to_breach"] is None else round(one["minutes_to_breach"]),
        }
        for one in rows
    ]


def revenue(row: Mapping[str, Any]) -> list[Figure]:
    """ADR, room and total revenue of one business date."""
    nights = row["room_nights"] - row["complimentary_nights"]
    currency, rooms, other = row["currency"], row["room_revenue"], row["other_revenue"]
    adr = f"{rooms / nights:,.2f} {currency}" if nights else "–"
    return [
        Figure("Room revenue", f"{rooms:,.2f} {currency}", "room charges of the business date", nights),
        Figure("Other revenue", f"{other:,.2f} {currency}", "all other charges of the business date", nights),
        Figure("ADR", adr, "room revenue / rooms sold, without complimentary", nights),
    ]


def on_duty(people: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who is on shift, what they have done; response as a mean with its n."""
    return [
        {
            "Staff": one["staff_id"],
            "Department": one["department"].replace("_", " "),
            "Now": "break" if one["on_break"] else "on duty",
            "Done": one["completed"],
            "Response, min": None if one["response_minutes"] is None else round(one["response_minutes"], 1),
            "n": one["accepted"],
        }
        for one in people
    ]


def plain(text: str) -> str:
    """What people wrote, for a place that reads Markdown: as they wrote it, no link, no picture, one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def emergency(row: Mapping[str, Any], where: tzinfo) -> str:
    """One open emergency as a sentence; the time is the hotel's."""
    answered = "somebody is on the way" if row["status"] == "acknowledged" else "nobody has answered yet"
    drill = "Drill: " if row["drill"] else ""
    since = row["raised_at"].astimezone(where).strftime("%H:%M")
    return (
        f"{drill}{row['kind'].capitalize()} emergency at {plain(row['location'])}, since {since}: {answered}."
    )


def watchdogs(rows: Sequence[Mapping[str, Any]], where: tzinfo) -> list[dict[str, Any]]:
    """What the watchdogs said as a table, the newest first; times are the hotel's."""
    return [
        {
            "At": one["at"].astimezone(where).strftime("%H:%M:%S"),
            "Part": one["part"],
            "What": one["sentence"],
        }
        for one in rows
    ]
