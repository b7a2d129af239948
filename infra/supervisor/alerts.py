"""Says on the log that a part died or hangs or the disk fills, and when it is over, once Kafka takes it.

What stands is kept in the data folder: the next life of this machine ends what this one could not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.runtime.settings import Settings
from infra.supervisor.child import Event, Kind

if TYPE_CHECKING:
    from schemas.records.operations import SystemKind

KINDS: dict[Kind, SystemKind] = {"died": "part_died", "late": "stalled", "full": "stalled"}
# What ends what was said of a part.
OVER: dict[Kind, tuple[SystemKind, ...]] = {"ready": ("part_died", "stalled"), "space": ("stalled",)}


@dataclass(frozen=True, slots=True)
class Said:
    """A word that waits for Kafka. `at`: ms."""

    kind: SystemKind
    event: Event
    at: int
    over: bool = False


class Alerts:
    """Collects them; `run` writes each as a SystemAlert record on `system`, trying until it is cancelled."""

    RETRY_SECONDS = 1.0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._waiting: asyncio.Queue[Said] = asyncio.Queue()
        self._file = settings.data_dir / "standing.json"
        self._standing: set[tuple[SystemKind, str]] = set()
        # None, or not whole: a word that nobody ends is history a day later.
        with contextlib.suppress(OSError, ValueError):
            self._standing = {(kind, part) for kind, part in json.loads(self._file.read_text())}

    def say(self, event: Event) -> None:
        """Takes any event; only those in KINDS become alerts, and those in OVER end them."""
        now = int(time.time() * 1000)
        before = set(self._standing)
        if kind := KINDS.get(event.kind):
            self._standing.add((kind, event.part))
            self._waiting.put_nowait(Said(kind, event, now))
        for ended in OVER.get(event.kind, ()):
            if (ended, event.part) in self._standing:
                self._standing.discard((ended, event.part))
                self._waiting.put_nowait(Said(ended, event, now, over=True))
        if self._standing != before:
            with contextlib.suppress(OSError):  # the disk is full, which may be what is said
                self._file.write_text(json.dumps(sorted(self._standing)))

    async def run(self) -> None:
        """Never returns."""
        while True:
            said = await self._waiting.get()
            while not await self._write(said):
                await asyncio.sleep(self.RETRY_SECONDS)

    async def _write(self, said: Said) -> bool:
        # Imported at the first death: 0.4 s and 30 MB that a healthy start does not need.
        import logging

        from aiokafka.errors import KafkaError

        from infra.runtime import kafka
        from schemas.ids import derived_id
        from schemas.records.operations import SystemAlert
        from schemas.topics import SYSTEM

        record = SystemAlert(
            event_id=derived_id(said.kind, said.event.part, str(said.at), *(["over"] if said.over else [])),
            property_id="*",
            kind=said.kind,
            part=said.event.part,
            sentence=said.event.sentence,
            at=said.at,
            over=said.over,
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
