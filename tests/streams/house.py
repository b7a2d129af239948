"""A hotel whose room agent is the test, and the folders of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from infra.runtime import kafka as log
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode
from schemas.ids import new_id
from schemas.records.base import Cause, Why
from schemas.records.folds import FoldHeader
from schemas.records.rooms import CheckedIn, RoomsAnswer, RoomsFact, RoomStatusChanged
from streams.agents import occupancy, performance, revenue, service_load
from streams.agents.decoded import Decoded
from streams.agents.folder import Folders
from streams.rules.folding import Kind
from tests.patience import PATIENCE

KINDS = (occupancy.KIND, service_load.KIND, performance.KIND, revenue.KIND)


class Counting(Folders):
    """Says which records of `rooms` it took, by offset."""

    taken: list[int]

    async def take(self, record: ConsumerRecord) -> None:
        if record.topic == topics.ROOMS.name:
            self.taken.append(record.offset)
        await super().take(record)


class House:
    """One hotel."""

    def __init__(self, settings: Settings, producer: Any) -> None:
        self.settings, self.producer = settings, producer
        self.property_id = f"fold-{new_id()}"
        self.partition = topics.partition_of(self.property_id, settings.partitions)

    def folders(self, kinds: Sequence[Kind] = KINDS, snapshots: Any = None) -> Counting:
        """Folders of a worker that was just started."""
        found = Counting(self.settings, kinds, self.producer, snapshots or self.producer, Decoded())
        found.taken = []
        return found

    async def end(self) -> int:
        tp = TopicPartition(topics.ROOMS.name, self.partition)
        consumer = log.reader(self.settings)
        await consumer.start()
        found: int = (await consumer.end_offsets([tp]))[tp]
        await consumer.stop()
        return found

    async def answer(self, *facts: RoomsFact, wrong_by: int = 0) -> int:
        """Write an answer; the offset after it."""
        end = await self.end()
        record = self.made(end + wrong_by, *facts)
        await log.send(self.producer, self.settings, topics.ROOMS, self.property_id, record)
        return end + 1

    def made(self, expected: int, *facts: RoomsFact) -> RoomsAnswer:
        """The answer that holds these facts."""
        return RoomsAnswer(
            event_id=new_id(),
            property_id=self.property_id,
            recorded_at=1,
            actor_id="a",
            actor_role="system",
            causation_id=new_id(),
            cause=Cause(topic="rooms.commands", partition=self.partition, offset=0),
            expected=expected,
            verdict="accepted",
            why=Why(rule="r", sentence="s"),
            facts=list(facts),
        )

    async def states(self) -> dict[tuple[str, str], FoldHeader]:
        """The newest record of each key, read by somebody else."""
        wanted = [TopicPartition(kind.state.name, self.partition) for kind in KINDS]
        consumer = log.reader(self.settings)
        await consumer.start()
        found: dict[tuple[str, str], FoldHeader] = {}
        async for record in log.read_to_end(consumer, wanted):
            state = decode(record.value, topics.BY_NAME[record.topic])
            assert isinstance(state, FoldHeader)
            if state.property_id == self.property_id:
                found[state.kind, state.id] = state
        await consumer.stop()
        return found

    async def until(self, wanted: Callable[[dict[tuple[str, str], FoldHeader]], bool]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not wanted(found := await self.states()):
            assert time.monotonic() < deadline, found
        return found


def fact(at: int, **body: Any) -> RoomsFact:
    return RoomsFact(fact_id=new_id(), occurred_at=at, **body)


def stay(at: int, reservation_id: str, room_id: str) -> list[RoomsFact]:
    """A check-in and what it does to the room, as the room agent says it."""
    taken = RoomStatusChanged(room_id=room_id, dimension="front_office", value="occupied")
    arrived = CheckedIn(reservation_id=reservation_id, room_id=room_id)
    return [fact(at, checked_in=arrived), fact(at, room_status_changed=taken)]
