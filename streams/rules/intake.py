"""What of a property system's batch can't be taken, and why: that becomes a dead letter, the rest goes on."""

from __future__ import annotations

import math

from schemas.facts import said
from schemas.record import Record
from schemas.records import rooms, services, staff
from schemas.records.base import FactHeader
from streams.rules.limits import beyond, time_beyond

# Longer than any lawful shift: a mistyped end is refused.
LONGEST_SHIFT_MS = 24 * 3_600_000


def invalid(fact: FactHeader) -> str:
    """Why this fact can't be taken; empty: it can."""
    found = said(fact)
    if found is None:
        return "it says nothing that this program knows"
    if reason := time_beyond(fact.occurred_at):
        return f"it happened at {fact.occurred_at}: {reason}"
    body = found[1]
    return _of_house(body) or _of_people(body, fact.occurred_at) or beyond(body)


def _of_house(body: Record) -> str:
    match body:
        case rooms.RoomStatusChanged(dimension=dimension, value=value):
            allowed = rooms.DIMENSION_VALUES[dimension]
            if value not in allowed:
                return f"{dimension} is one of {', '.join(allowed)}, not {value}"
            if body.derived or body.reservation_id or body.guest_id:
                return "what follows from a stay is not said but found"
            if body.persons is not None and (dimension, value) != ("seen", "occupied"):
                return "persons are counted where housekeeping saw somebody"
        case rooms.DiscrepancyFound():
            return "a discrepancy is not said but found: say what housekeeping saw"
        case rooms.ReservationMade(arrival=arrival, departure=departure) if departure < arrival:
            return "the departure lies before the arrival"
        case rooms.NightAuditDone(closed=closed, opened=opened) if opened <= closed:
            return "the date opened does not lie after the date closed"
    return ""


def _of_people(body: Record, at: int) -> str:
    match body:
        case services.ServiceRequested():
            if not (math.isfinite(body.credits) and body.credits >= 0):
                return f"{body.credits} is no amount of work"
            if body.resolve_by < body.accept_by:
                return "it is promised to be done before it is accepted"
            if not body.department:
                return "it says no department"
        case services.ServiceBreached():
            return "whether a promise was kept is not said but found"
        case staff.ShiftPlanned(starts_at=starts_at, ends_at=ends_at):
            return _span(starts_at, ends_at)
        case staff.ShiftStarted(ends_at=ends_at):
            return _span(at, ends_at)
    return ""


def _span(starts_at: int, ends_at: int) -> str:
    if starts_at < ends_at <= starts_at + LONGEST_SHIFT_MS:
        return ""
    return "a shift ends after it starts, within 24 hours"
