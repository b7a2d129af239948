"""A hotel set up: itself, rooms, catalogue, the names of its staff. The same again changes nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.client import Rest
from infra.simulator.layout import CATALOGUE, DEPARTMENTS, Hotel

EMERGENCY_PHONE = "112"


async def furnish(rest: Rest, hotel: Hotel) -> None:
    """`rest` is a system's or an admin's. Refused."""
    await rest.post("/api/settings", settings_of(hotel))
    await rest.post("/api/people", people_of(hotel))


def settings_of(hotel: Hotel) -> dict[str, Any]:
    """What /api/settings takes."""
    about = {
        "name": hotel.name,
        "time_zone": hotel.time_zone,
        "currency": hotel.currency,
        "departments": list(DEPARTMENTS),
        "emergency_phone": EMERGENCY_PHONE,
        "capacity": len(hotel.rooms),
    }
    fields = ("item", "name", "department", "priority", "credits", "accept_within_s", "resolve_within_s")
    items = [{field: getattr(item, field) for field in fields} for item in CATALOGUE]
    rooms = [msgspec.to_builtins(room) for room in hotel.rooms]
    return {"property_id": hotel.property_id, "property": about, "rooms": rooms, "items": items}


def people_of(hotel: Hotel) -> dict[str, Any]:
    """What /api/people takes."""
    people = [
        {"user_id": one.staff_id, "role": "staff", "name": one.name, "departments": [one.department]}
        for one in hotel.staff
    ]
    return {"property_id": hotel.property_id, "people": people}
