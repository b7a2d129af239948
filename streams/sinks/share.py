"""Which partitions are this sink's: a Kafka group shares out partition numbers, and nothing else.

The group reads one topic only, and of that nothing: whoever gets its partition p writes partition p of every
topic. So a hotel, which is one partition everywhere, has one sink, whatever the group's way of sharing out.
No offset is ever committed: where to go on, the tables say.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from types import TracebackType

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas.topics import ROOMS

# A sink that is gone is missed after this time; one that is started again with its id has its share at once.
SESSION_MS, HEARTBEAT_MS = 12_000, 3_000
# After so long without a turn of the event loop the group may have given our partitions to another: the
# session, less the time since the last heartbeat, less one second.
PAUSED_SECONDS = (SESSION_MS - HEARTBEAT_MS) / 1000 - 1
# How long the group waits for a write under way. After that it is as a paused sink's: see `check`.
RELEASE_SECONDS = 5.0
_LOOK_MS = 500

log = structlog.get_logger()


class Lost(RuntimeError):
    """These partitions are another sink's now, or about to be."""


class Share(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """`numbers`: the partitions that are ours in `generation`, which rises at each change.

    Async context: joins the group, and leaves it to the session's end, so that a restart finds its place.
    """

    def __init__(self, settings: Settings) -> None:
        self.generation = 0
        self.numbers: frozenset[int] = frozenset()
        self.wanted_back = False
        self._changed, self._free = asyncio.Event(), asyncio.Event()
        self._alive_at = time.monotonic()
        self._problem: Problem | None = None
        self._unsure = False
        self._settings = settings
        self._id = settings.worker_id.replace("{host}", socket.gethostname())

    async def __aenter__(self) -> Share:
        group = f"sink-{self._settings.clickhouse_database}"
        self._consumer: AIOKafkaConsumer = kafka.reader(
            self._settings,
            group_id=group,
            group_instance_id=f"{group}-{self._id}",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            auto_offset_reset="latest",
        )
        self._consumer.subscribe([ROOMS.name], listener=self)
        await self._consumer.start()
        self._alive_at = time.monotonic()
        self._task = asyncio.create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._consumer.stop()

    def check(self, generation: int) -> None:
        """Before each write, from any thread. Lost: not ours any more, or paused so long that we can't know.

        Problem: Kafka does not let us into the group.
        """
        if time.monotonic() - self._alive_at > PAUSED_SECONDS:
            self._paused()
        if self._problem is not None:
            raise self._problem
        if generation != self.generation:
            raise Lost(f"generation {generation} is over")

    async def given(self, stop: asyncio.Event) -> int | None:
        """The generation, as soon as there is one with partitions in it or without; None: stopped.

        Called while nothing is in flight: what is wanted back may go.
        """
        while not stop.is_set():
            self.release()
            self._let_in()
            if self.generation and not self.wanted_back:
                return self.generation
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_MS / 1000):
                    await self._changed.wait()
        return None

    def keeps(self, generation: int) -> bool:
        """Whether to go on with what was given. Problem as `check`."""
        self._let_in()
        return generation == self.generation and not self.wanted_back

    def release(self) -> None:
        """Nothing is in flight: what is wanted back may go to another."""
        self._free.set()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Called by the group while it waits for us, heartbeats going on; or when it threw us out."""
        if revoked and not self._consumer._coordinator.member_id:
            self.generation += 1  # another may have them already: nothing more is written
            log.warning("thrown out", id=self._id, maybe="Kafka was away, or another live sink has this id")
        if self.numbers:
            self._free.clear()
            self.wanted_back = True
            self._changed.set()
            try:
                async with asyncio.timeout(RELEASE_SECONDS):
                    await self._free.wait()
            except TimeoutError:
                log.warning("a write under way is abandoned", seconds=RELEASE_SECONDS)
        self.numbers = frozenset()
        self.wanted_back = True
        self.generation += 1

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing of the topic is read: the tables' own consumer does."""
        self._consumer.pause(*assigned)
        self.numbers = frozenset(tp.partition for tp in assigned)
        self.wanted_back = False
        self.generation += 1
        self._changed.set()
        log.info("partitions", numbers=sorted(self.numbers))

    def _let_in(self) -> None:
        if self._problem is not None:
            raise self._problem

    async def _live(self) -> None:
        """Says that the loop turns; the group takes a consumer that never asks for a dead one."""
        while self._problem is None:
            try:
                await self._consumer.getmany(timeout_ms=_LOOK_MS)
            except KafkaError as error:
                if not error.retriable:
                    self._problem = Problem(
                        f"Kafka does not let this sink into its group ({error}): grant it to read the group "
                        f"sink-{self._settings.clickhouse_database}."
                    )
                await asyncio.sleep(_LOOK_MS / 1000)
            if time.monotonic() - self._alive_at > PAUSED_SECONDS:
                self._paused()
            self._alive_at = time.monotonic()
            if self._unsure:
                self._unsure = False
                self._consumer.unsubscribe()
                self._consumer.subscribe([ROOMS.name], listener=self)
        self._changed.set()

    def _paused(self) -> None:
        """Nothing is ours until the group says so anew. From any thread."""
        if not self._unsure:
            log.warning("paused", seconds=round(time.monotonic() - self._alive_at, 1))
        self._unsure = self.wanted_back = True
        self.numbers = frozenset()
        self.generation += 1
