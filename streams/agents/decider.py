"""A decider on Kafka: recovery from its mark on, inputs to answers, the fence against zombies.

Commands come from Faust, intake and read facts by a consumer of its own, so that commands never wait behind
an import. One lock holds both, and recovery. It is held to decide and to hand over to the producer, not until
Kafka has the answers: whatever goes wrong with one of them ends the process, and with it what was decided
after. Whoever needs to know that they lie on the log waits for them (`_settled`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from infra.runtime import failpoints, metrics
from infra.runtime.kafka import dead_letter, read_to_end, reader
from infra.runtime.settings import Settings
from schemas.codec import Alien, Undecodable, decode, decode_as
from schemas.record import Record
from schemas.records.base import AnswerHeader, CommandHeader, IntakeHeader
from schemas.records.rooms import RoomsAnswer
from schemas.topics import BY_NAME, partition_of
from streams.agents.contexts import Contexts
from streams.agents.states import States
from streams.rules.answering import Agent, Input, Partition, facts_of
from streams.rules.restating import restating
from streams.rules.rooms import House

# Records of intake under way at once, each of 256 KiB at most. Between two of them commands have their turn.
SLICE = 4
EXIT_REFOLD = 3

log = structlog.get_logger()


def refold(reason: str, **what: object) -> None:
    """Leave at once: what this process believes is not what the log says. The next one folds again."""
    log.error("refold", reason=reason, **what)
    os._exit(EXIT_REFOLD)


@dataclass(frozen=True, slots=True)
class Received:
    """An input record as it came, from Faust or from our own consumer; `at`: broker time, ms."""

    topic: str
    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes | None

    @property
    def timestamp(self) -> int:
        return self.at


class Decider:
    """One agent over the partitions this worker owns."""

    def __init__(
        self,
        agent: Agent,
        settings: Settings,
        contexts: Contexts,
        producer: AIOKafkaProducer,
        states: AIOKafkaProducer,
    ) -> None:
        self.agent = agent
        self._settings = settings
        self._contexts = contexts
        self._producer = producer
        self._lock = asyncio.Lock()
        self._flying: set[asyncio.Task[None]] = set()
        self._states = States(agent, states, self._lock, self._settled, refold, self._dead)
        self.parts: dict[int, Partition] = {}
        self._inputs: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None
        self.failed: Callable[[BaseException], None] = lambda _: None

    async def recover(self, partitions: Iterable[int]) -> dict[int, int]:
        """Fold these partitions from their marks on. Returns where the commands go on, by partition."""
        began = time.monotonic()
        wanted = sorted(partitions)
        await self.stop()
        async with self._lock:
            await self._settled()
            self.parts.clear()
            starts = await self._fold(wanted)
            await self._start_inputs(starts)
        self._states.start(self.parts)
        metrics.RECOVERY_SECONDS.labels(self.agent.name).set(time.monotonic() - began)
        return {p: starts[TopicPartition(self.agent.commands.name, p)] for p in wanted}

    async def _fold(self, wanted: Sequence[int]) -> dict[TopicPartition, int]:
        """Fills `parts` from the log; where each input goes on: after its highest cause, or at its start."""
        began = time.monotonic()
        folded = 0
        # A question for offsets waits behind the broker's long poll: 2 s an agent with the usual 500 ms.
        consumer = reader(self._settings, fetch_max_wait_ms=10)
        await consumer.start()
        try:
            facts = [TopicPartition(self.agent.facts.name, p) for p in wanted]
            consumer.assign(facts)  # of a topic that is not assigned aiokafka learns 0.1 s after it was asked
            begins, ends = await consumer.beginning_offsets(facts), await consumer.end_offsets(facts)
            bounds = {tp.partition: (begins[tp], ends[tp]) for tp in facts}
            parts = await self._states.load(consumer, bounds)
            marked = {tp: parts[tp.partition].expected for tp in facts}
            async for record in read_to_end(consumer, facts, marked):
                try:
                    answer = decode_as(record.value, self.agent.facts, self.agent.answer)
                except Alien as error:  # not an answer of anybody's: it holds nothing that became true
                    await self._dead(record, str(error))
                    continue
                except Undecodable as error:
                    refold(f"an answer on the log can't be read: {error}", offset=record.offset)
                    raise
                parts[record.partition].fold(answer, record.offset)
                self._states.folded(record.partition, len(facts_of(answer)))
                folded += 1
            for tp in facts:  # where reading ended: what came later was not folded, and its place is taken
                parts[tp.partition].expected = await consumer.position(tp)
            inputs = [TopicPartition(topic.name, p) for topic in self.agent.inputs for p in parts]
            consumer.assign(inputs)
            starts = await consumer.beginning_offsets(inputs)
        finally:
            await consumer.stop()
        for tp in inputs:
            part = parts[tp.partition]
            part.next[tp.topic] = max(part.next.get(tp.topic, 0), starts[tp])
        self.parts.update(parts)
        log.info(
            "state_recovered",
            agent=self.agent.name,
            partitions=len(parts),
            marked=sum(marked.values()),
            folded=folded,
            seconds=round(time.monotonic() - began, 3),
        )
        return {tp: parts[tp.partition].next[tp.topic] for tp in inputs}

    async def _start_inputs(self, starts: dict[TopicPartition, int]) -> None:
        own = [tp for tp in starts if tp.topic != self.agent.commands.name]
        if not own:
            return
        self._inputs = reader(self._settings, fetch_max_wait_ms=100)
        await self._inputs.start()
        self._inputs.assign(own)
        for tp in own:
            self._inputs.seek(tp, starts[tp])
        self._task = asyncio.create_task(self._follow(self._inputs), name=f"{self.agent.name}-inputs")

    async def stop(self) -> None:
        """Take no more inputs of the own consumer; what is under way is ended first. Write no more state."""
        await self._states.stop()
        if self._task is not None:
            async with self._lock:
                self._task.cancel()
                await self._settled()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._inputs is not None:
            await self._inputs.stop()
            self._inputs = None

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                found = await consumer.getmany(timeout_ms=500, max_records=SLICE)
                records = [_received(record) for batch in found.values() for record in batch]
                landings = []
                for record in records:
                    landings.append(await self._answered([record]))
                    # Nothing above waits, so commands that came would hear of the lock after all of them.
                    await asyncio.sleep(0)
                await asyncio.gather(*map(asyncio.shield, landings))
        except Exception as error:
            self.failed(error)
            raise

    async def take(self, records: Sequence[Received]) -> None:
        """Answer these inputs, in order, and wait until Kafka has the answers where they must lie."""
        await asyncio.shield(await self._answered(records))

    async def _answered(self, records: Sequence[Received]) -> asyncio.Task[None]:
        """Answers these inputs; what comes back ends when Kafka has the answers where they must lie."""
        failpoints.passed(self.agent.name, "fetched")
        metrics.BATCH_RECORDS.labels(self.agent.name).observe(len(records))
        async with self._lock:
            answers: list[tuple[AnswerHeader, bytes]] = []
            for record in records:
                part = self.parts.get(record.partition)
                if part is None or record.offset < part.next[record.topic]:
                    continue
                answer = await self._answer(part, record)
                part.next[record.topic] = record.offset + 1
                if answer is not None:
                    answers.append((answer, part.value))
            sent = await self._send(answers)
            landing = asyncio.create_task(self._landed(answers, sent))
            self._flying.add(landing)
            landing.add_done_callback(self._flying.discard)
        return landing

    async def _settled(self) -> None:
        """Waits for all answers that are under way now. What became of each, its own `take` says."""
        if self._flying:
            await asyncio.wait(self._flying)

    async def _answer(self, part: Partition, record: Received) -> AnswerHeader | None:
        try:
            found = self._decoded(record)
        except Undecodable as error:
            await self._dead(record, str(error))
            return None
        assert isinstance(found, CommandHeader | IntakeHeader | AnswerHeader)
        home = partition_of(found.property_id, self._settings.partitions)
        if home != record.partition:  # another worker may hold what this hotel is, here it would be empty
            await self._dead(record, f"{found.property_id} is at home on partition {home}: send it there")
            return None
        where = Input(
            record.topic,
            record.partition,
            record.offset,
            record.at,
            self._contexts.vector(self.agent, record.partition),
        )
        if isinstance(found, CommandHeader):
            answer = part.command(found, where, self._contexts.of(self.agent, found.property_id))
        elif isinstance(found, IntakeHeader):
            answer = part.intake(found, where)
            self._note(part, answer, record.at)
        else:
            answer = part.read(found, where, self._contexts.of(self.agent, found.property_id))
        if part.failed:
            await self._dead(record, part.failed)
        return answer

    def _note(self, part: Partition, answer: AnswerHeader | None, now: int) -> None:
        """Counts facts that change what was closed long ago, for an alarm."""
        if isinstance(answer, RoomsAnswer):
            house = part.hotel(answer.property_id)
            assert isinstance(house, House)
            metrics.RESTATING_FACTS.labels(self.agent.name).inc(restating(house.house, answer, now))

    def _decoded(self, record: Received) -> Record:
        """Facts that are read have other readers in this worker; commands and intake have none."""
        if any(topic.name == record.topic for topic in self.agent.reads):
            return self._contexts.decoded.of(record)
        return decode(record.value, BY_NAME[record.topic])

    async def _dead(self, record: Received | ConsumerRecord, reason: str) -> None:
        metrics.DEAD_LETTERS.labels(self.agent.name).inc()
        await dead_letter(self._producer, self._settings, record, reason, self.agent.name)

    async def _send(self, answers: Sequence[tuple[AnswerHeader, bytes]]) -> list[asyncio.Future[Any]]:
        """Hands the answers over to the producer, which keeps their order."""
        if answers:
            failpoints.passed(self.agent.name, "batch_built")
        try:
            return [
                await self._producer.send(
                    self.agent.facts.name,
                    value=value,
                    key=answer.property_id.encode(),
                    partition=answer.cause.partition,
                )
                for answer, value in answers
            ]
        except Exception as error:
            self._lost(error)
            raise

    def _lost(self, error: Exception) -> None:
        """Whether it was written is unknown: the log knows."""
        refold(f"an answer could not be sent: {type(error).__name__}: {error}")

    async def _landed(
        self, answers: Sequence[tuple[AnswerHeader, bytes]], sent: Sequence[asyncio.Future[Any]]
    ) -> None:
        """Waits until Kafka has the answers, each where it must lie."""
        if not answers:
            return
        failpoints.passed(self.agent.name, "answer_sent")
        try:
            places = await asyncio.gather(*sent)
        except Exception as error:
            self._lost(error)
            raise
        failpoints.passed(self.agent.name, "answer_acknowledged")
        now = time.time()
        for (answer, value), place in zip(answers, places, strict=True):
            if place.offset != answer.expected:
                refold("another writer is on the fact topic", expected=answer.expected, got=place.offset)
            self._contexts.decoded.wrote(place, answer, len(value))
            outcome = "refused" if answer.verdict == "refused" else "facts"
            metrics.ANSWERS.labels(self.agent.name, outcome).inc()
            seconds = max(0.0, now - answer.recorded_at / 1000)
            metrics.ANSWER_SECONDS.labels(self.agent.name).observe(seconds)
            log.info(
                "answered",
                agent=self.agent.name,
                verdict=answer.verdict,
                property_id=answer.property_id,
                causation_id=answer.causation_id,
                event_id=answer.event_id,
                partition=place.partition,
                offset=place.offset,
                ms=round(seconds * 1000),
            )
            self._states.folded(answer.cause.partition, len(facts_of(answer)))

    def positions(self) -> dict[TopicPartition, int]:
        """Where each input goes on."""
        return {
            TopicPartition(topic, number): offset
            for number, part in self.parts.items()
            for topic, offset in part.next.items()
        }

    def due(self) -> list[tuple[str, int]]:
        """(property_id, earliest deadline in ms) of every hotel that has one."""
        found = [
            (property_id, part.due(property_id))
            for part in self.parts.values()
            for property_id in part.hotels
        ]
        return [(property_id, due) for property_id, due in found if due is not None]


def _received(record: ConsumerRecord) -> Received:
    return Received(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value)
