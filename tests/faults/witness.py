"""A manager's client that comes back whenever it is cut, and writes down what it heard."""

from __future__ import annotations

from infra.runtime.settings import Settings
from infra.simulator import person


class Witness:
    """Event ids of one channel by type, as they came. `lost`: times that a cursor was of no use."""

    def __init__(self, settings: Settings, property_id: str) -> None:
        self._channel = f"ops:{property_id}"
        self._client = person.client(settings, user_id="witness", role="manager", property_id=property_id)
        self.heard: dict[str, list[str]] = {}
        self.lost = -1  # the first snapshot is no loss
        self.events = 0

    @property
    def connected(self) -> int:
        """How often it was welcomed."""
        return self._client.connections

    @property
    def repeats(self) -> int:
        """Events that came again."""
        return self._client.repeats

    async def run(self) -> None:
        """Until cancelled."""
        async with self._client as client:
            await client.sub(self._channel)
            async for event in client.events():
                if event.type == "snapshot":
                    self.lost += 1
                    continue
                self.events += 1
                self.heard.setdefault(event.type, []).append(event.id)
