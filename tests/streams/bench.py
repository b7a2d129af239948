"""A hotel of its own on the session's broker, and a worker process that serves it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer

from infra.runtime import kafka as shells
from infra.runtime.lifecycle import SUPERVISED
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import Alien, decode_as
from schemas.facts import counts
from schemas.ids import new_id
from schemas.records.base import AnswerHeader, CommandHeader
from schemas.records.operations import DeadLetter
from schemas.records.settings import CatalogueItem, PropertySettings, RoomSettings, SettingsRecord
from tests.patience import PATIENCE

A = TypeVar("A", bound=AnswerHeader)

PROPERTY = PropertySettings(
    name="Test", time_zone="Europe/Lisbon", currency="EUR", departments=["housekeeping", "maintenance"]
)
TOWELS = CatalogueItem(
    item="towels",
    name="Towels",
    department="housekeeping",
    priority=3,
    credits=0.25,
    accept_within_s=600,
    resolve_within_s=1800,
)


def start_worker(
    settings: Settings, folder: Path, *agents: str, before: str = "", worker_id: str = "0"
) -> subprocess.Popen[bytes]:
    """A worker process with these agents; its output is in `worker.log`. `before`: Python it runs first."""
    code = f"{before}\nfrom streams.worker import main; main({list(agents)!r})"
    env = os.environ | {"CONCIERGE_KAFKA_URL": settings.kafka_url, "CONCIERGE_DATA_DIR": str(folder)}
    env |= {"CONCIERGE_WORKER_ID": worker_id, SUPERVISED: str(os.getpid())}  # it dies with the tests
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen([sys.executable, "-c", code], env=env, stdout=log, stderr=log)


class Bench:
    """One hotel: say something to its agents, read what they answered."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self.settings = settings
        self.hotel = new_id()
        self._producer = producer
        self.partition = topics.partition_of(self.hotel, settings.partitions)

    async def furnish(self) -> None:
        """Rooms 101 to 105, a catalogue of towels, Lisbon and euros."""
        bodies: dict[tuple[str, str], Any] = {
            ("property", self.hotel): {"property": PROPERTY},
            ("item", "towels"): {"item": TOWELS},
        }
        for number in range(101, 106):
            room = RoomSettings(room_id=str(number), room_type="double", floor=1, zone_id="floor-1")
            bodies["room", str(number)] = {"room": room}
        for (kind, name), body in bodies.items():
            record = SettingsRecord(property_id=self.hotel, kind=kind, id=name, at=1, actor_id="test", **body)
            key = topics.entity_key(self.hotel, kind, name)
            await shells.send(self._producer, self.settings, topics.SETTINGS, self.hotel, record, key)

    async def say(self, topic: topics.Topic, record: Any) -> None:
        """Produce one record of this hotel."""
        await shells.send(self._producer, self.settings, topic, self.hotel, record)

    async def ask(
        self, make: type[CommandHeader], actor: str = "anna", role: str = "manager", **body: Any
    ) -> str:
        """Send a command; its id is returned."""
        command_id = new_id()
        head: dict[str, Any] = {"actor_id": actor, "actor_role": role, "claimed_at": 1}
        record = make(command_id=command_id, property_id=self.hotel, **head, **body)
        name = make.__name__.removesuffix("Command").lower()
        await self.say(topics.BY_NAME[f"{name}.commands"], record)
        return command_id

    async def answers(self, topic: topics.Topic, kind: type[A]) -> list[A]:
        """Every answer of this hotel that counts, in the log's order."""
        async with shells.reader(self.settings) as reader:
            tp = [t for t in shells.partitions_of(self.settings, topic) if t.partition == self.partition]
            found = []
            async for record in shells.read_to_end(reader, tp):
                try:
                    answer = decode_as(record.value, topic, kind)
                except Alien:
                    continue
                if answer.property_id == self.hotel and counts(answer, record.offset):
                    found.append(answer)
            return found

    async def dead(self, topic: topics.Topic) -> list[DeadLetter]:
        """This hotel's dead letters of a topic, in the log's order."""
        async with shells.reader(self.settings) as reader:
            wanted = shells.partitions_of(self.settings, topics.DEAD_LETTERS)
            records = [record async for record in shells.read_to_end(reader, wanted)]
        letters = [decode_as(record.value, topics.DEAD_LETTERS, DeadLetter) for record in records]
        return [one for one in letters if (one.topic, one.property_id) == (topic.name, self.hotel)]

    async def answered(self, topic: topics.Topic, kind: type[A], count: int) -> list[A]:
        """Wait until there are `count` answers, and return them all."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = await self.answers(topic, kind)
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{len(found)} of {count} answers after {PATIENCE} s"
            await asyncio.sleep(0.1)
