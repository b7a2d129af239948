"""Says on the log that a part died or hangs, or that the disk fills, as soon as Kafka takes it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from infra.runtime.settings import Settings
from infra.supervisor.child import Event, Kind

if TYPE_CHECKING:
    from schemas.records.operations import SystemKind

KINDS: dict[Kind, SystemKind] = {"died": "part_died", "late": "stalled", "full": "stalled"}


class Alerts:
    """Collects them; `run` writes each as a SystemAlert record on `system`, trying until it is cancelled."""

    RETRY_SECONDS = 1.0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._waiting: asyncio.Queue[tuple[Event, int]] = asyncio.Queue()

    def say(self, event: Event) -> None:
        """Takes any event; only those in KINDS become alerts."""
        if event.kind in KINDS:
            self._waiting.put_nowait((event, int(time.time() * 1000)))

    async def run(self) -> None:
        """Never returns."""
        while True:
            event, at = await self._waiting.get()
            while not await self._write(event, at):
                await asyncio.sleep(self.RETRY_SECONDS)

    async def _write(self, event: Event, at: int) -> bool:
        # Imported at the first death: 0.4 s and 30 MB that a healthy start does not need.
        import logging

        from aiokafka.errors import KafkaError

        from infra.runtime import kafka
        from schemas.ids import derived_id
        from schemas.records.operations import SystemAlert
        from schemas.topics import SYSTEM

        record = SystemAlert(
            event_id=derived_id(KINDS[event.kind], event.part, str(at)),
            property_id="*",
            kind=KINDS[event.kind],
            part=event.part,
            sentence=event.sentence,
            at=at,
        )
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it is retried: no lines into the panel
        sender = kafka.producer(self._settings)
        try:
            await sender.start()
            await kafka.send(sender, self._settings, SYSTEM, "*", record)
        except (KafkaError, OSError):
            return False
        finally:
            await sender.stop()
        return True
