"""Facts of shifts, applied. Returns the id of the person a fact is about."""

from __future__ import annotations

from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.records import staff
from schemas.records.staff import StaffFact
from schemas.shifts import take


def apply(hotel: Hotel, fact: StaffFact, offset: int) -> str | None:
    """Applies one fact and says whose shift it is about; a plan changes none."""
    found = said(fact)
    if found is None or isinstance(found[1], staff.ShiftPlanned):
        return None
    staff_id = str(getattr(found[1], "staff_id"))  # noqa: B009  # every body of this family has it
    if not hotel.reflects("shift_words", staff_id, offset):
        take(hotel.shifts, hotel.shift_words, fact)
        hotel.versions["shift", staff_id] = hotel.versions["shift_words", staff_id] = offset
    return staff_id
