"""What of a property system's batch can't be taken, and why: that becomes a dead letter, the rest goes on."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.facts import said
from schemas.records.base import FactHeader, IntakeHeader
from schemas.records.rooms import DIMENSION_VALUES, ReservationMade, RoomStatusChanged


def invalid(fact: FactHeader) -> str:
    """Why this fact can't be taken; empty: it can."""
    found = said(fact)
    if found is None:
        return "it says nothing that this program knows"
    match found[1]:
        case RoomStatusChanged(dimension=dimension, value=value) if value not in DIMENSION_VALUES[dimension]:
            return f"{dimension} is one of {', '.join(DIMENSION_VALUES[dimension])}, not {value}"
        case ReservationMade(arrival=arrival, departure=departure) if departure < arrival:
            return "the departure lies before the arrival"
    return ""


def refused(batch: IntakeHeader) -> str:
    """One sentence that names every fact of the batch that can't be taken; empty: all can."""
    facts: Sequence[FactHeader] = batch.facts  # type: ignore[attr-defined]  # every intake has its list
    reasons = [
        f"fact {number} ({fact.fact_id}): {reason}"
        for number, fact in enumerate(facts)
        if (reason := invalid(fact))
    ]
    return f"{len(reasons)} of {len(facts)} facts not taken: {'; '.join(reasons)}" if reasons else ""
