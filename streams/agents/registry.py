"""Every part a worker can hold: name -> module with `make(settings) -> Part`."""

from __future__ import annotations

PARTS: dict[str, str] = {
    "rooms": "streams.agents.rooms",
    "services": "streams.agents.services",
    "staff": "streams.agents.staff",
    "alerts": "streams.agents.alerts",
    "notifications": "streams.agents.notifications",
    "occupancy": "streams.agents.occupancy",
    "service_load": "streams.agents.service_load",
    "performance": "streams.agents.performance",
    "revenue": "streams.agents.revenue",
}
