"""The tail: everything clients may see, followed by plain `assign()`; read model first, then the hub."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from gateway import events
from gateway.answers import Answers
from gateway.claims import EVERY_PROPERTY
from gateway.cursor import INDEX, LIVE_TOPICS, Vector
from gateway.events import Said
from gateway.history import told_again
from gateway.hub import Hub
from gateway.presence import FORGET_AFTER_MS, Presence
from gateway.readers import FOLLOWED, Readers
from gateway.readmodel import chats as fold_chats
from gateway.readmodel.model import ReadModel
from gateway.typists import Typists
from infra.runtime import metrics
from infra.runtime.kafka import dead_letter, partitions_of, read_to_end, reader
from infra.runtime.program import program
from infra.runtime.reach import Reach
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import Undecodable, decode
from schemas.facts import counts
from schemas.record import Record
from schemas.records.base import AnswerHeader
from schemas.records.chats import ChatEvent
from schemas.records.folds import FoldHeader
from schemas.records.operations import SystemAlert
from schemas.records.people import PeopleRecord
from schemas.records.rooms import RoomsAnswer, RoomsFact
from schemas.records.settings import Revocation, SettingsRecord
from schemas.records.signals import Signal
from schemas.records.slo import SloReport
from schemas.snapshots import PARTITION, Snapshot
from schemas.topics import Topic

log = structlog.get_logger()

STATES = (
    topics.ROOMS_STATE, topics.SERVICES_STATE, topics.STAFF_STATE, topics.ALERTS_STATE,
    topics.NOTIFICATIONS_STATE,
)  # fmt: skip
NAME = "gateway"
# Of each live partition this much is told to the rings at the start, so that whoever comes back to a gateway
# that was just started finds it in memory: 200 pages of 4 channels were live again after 0.4 s (median), from
# the log after 7.3 s [2 cores].
RECENT_MS = 10 * 60_000
RECENT_RECORDS = 1_000


class Tail:
    """Follows the log. `stale_since`: ms since when Kafka has not answered, None while it does."""

    def __init__(
        self, settings: Settings, producer: AIOKafkaProducer, model: ReadModel, hub: Hub,
        presence: Presence, typists: Typists, answers: Answers, revoked: Callable[[str, Revocation], None],
        stale: Callable[[int | None], None], moved: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.loaded = False
        self.stale_since: int | None = None
        self._settings = settings
        self._producer = producer
        self._model = model
        self._hub = hub
        self._presence = presence
        self._typists = typists
        self._answers = answers
        self._revoked = revoked
        self._stale = stale
        self._moved = moved
        self._consumer = reader(settings)  # for questions, and to load
        self._readers = Readers(settings)
        # The first fact that a hotel does not hold yet, by fact topic, where a snapshot says so.
        self._held: dict[tuple[str, int], dict[str, int]] = {}
        self._dead: asyncio.Queue[tuple[ConsumerRecord, str]] = asyncio.Queue(1000)
        self._reach = Reach()
        self._answered = time.monotonic()  # when Kafka last did
        # From where on the rings hold what clients see.
        self._recent: dict[TopicPartition, int] = {}
        # Hotels of which the last record moves guests.
        self._moving: list[str] = []
        # Lines for the log, written once the clients have what they are about.
        self._notes: list[tuple[AnswerHeader | ChatEvent, ConsumerRecord, list[Said], int]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Loads the read model and follows from there. ShortRead, KafkaError where that fails."""
        await asyncio.gather(self._consumer.start(), self._readers.start())
        everything = partitions_of(self._settings, *FOLLOWED)
        live = partitions_of(self._settings, *LIVE_TOPICS)
        async with reader(self._settings) as asked:
            # A consumer of its own, which fetches nothing that a question would wait behind, and knows all
            # topics at once: what is not assigned it would learn of one by one, 0.1 s each.
            asked.assign(live)
            asked.pause(*live)
            starts = await self._marked(asked)
            self._recent = await self._recently(asked, live, starts)
        for partition in range(self._settings.partitions):
            self._hub.begin(partition, _vector(self._recent, partition))
        async for record in read_to_end(self._consumer, everything, starts):
            self._load(record)
        signals = partitions_of(self._settings, topics.SIGNALS)
        positions = {tp: await self._consumer.position(tp) for tp in everything}
        self._consumer.assign([*signals, *self._asked()])
        self._consumer.pause(*self._consumer.assignment())
        self._readers.seek(positions | await self._still_true(signals))
        for tp in self._recent:
            self._hub.passed(tp.partition, INDEX[tp.topic], positions[tp] - 1)
        self.loaded = True
        self._answered = time.monotonic()
        metrics.COMMIT_AGE_SECONDS.labels(NAME).set_function(self.age)
        self._tasks = [
            *[asyncio.create_task(self._follow(one)) for one in self._readers.each],
            asyncio.create_task(self._reach.run(self._consumer, self._asked(), then=self._reached)),
            asyncio.create_task(self._bury()),
        ]

    async def _marked(self, asked: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Takes the snapshots of the agents that are good; where their facts go on."""
        states = partitions_of(self._settings, *STATES)
        found = {(tp.topic, tp.partition): Snapshot(topics.BY_NAME[tp.topic]) for tp in states}
        async for record in read_to_end(self._consumer, states):
            found[record.topic, record.partition].take(record.offset, record.key, record.value)
        places = {
            (name, number): TopicPartition(name.removesuffix(".state"), number) for name, number in found
        }
        begins = await asked.beginning_offsets(places.values())
        ends = await asked.end_offsets(places.values())
        starts = {}
        for place, snapshot in found.items():
            facts, mark = places[place], snapshot.mark
            if mark is None or snapshot.unfit(program(), begins[facts], ends[facts]):
                continue  # all of its facts are read
            starts[facts] = mark.facts_end
            self._held[facts.topic, facts.partition] = mark.hotels
            for property_id, kinds in snapshot.marked().items():
                if property_id != PARTITION:
                    self._model.restore(property_id, kinds, mark.hotels.get(property_id, mark.facts_end) - 1)
        return starts

    def age(self) -> float:
        """Seconds since it last looked at the log, or Kafka answered, whichever is longer ago."""
        return time.monotonic() - min(self._readers.turned(), self._answered)

    async def ended(self) -> None:
        """Returns only by raising what ended one of its tasks: from then on nobody would be told anything."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _recently(
        self, asked: AIOKafkaConsumer, live: list[TopicPartition], starts: dict[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """Where the newest of what clients see begins, no earlier than what is read of it at all."""
        since = int(time.time() * 1000) - RECENT_MS
        begins, ends = await asked.beginning_offsets(live), await asked.end_offsets(live)
        found = await asked.offsets_for_times(dict.fromkeys(live, since))
        return {
            tp: max(
                found[tp].offset if found[tp] else ends[tp],
                ends[tp] - RECENT_RECORDS,
                starts.get(tp, 0),
                begins[tp],
            )
            for tp in live
        }

    async def _still_true(self, signals: list[TopicPartition]) -> dict[TopicPartition, int]:
        """From where on signals may still hold: who is connected was said no longer ago."""
        ends = await self._consumer.end_offsets(signals)
        since = int(time.time() * 1000) - FORGET_AFTER_MS
        found = await self._consumer.offsets_for_times(dict.fromkeys(signals, since))
        return {tp: place.offset if (place := found[tp]) else ends[tp] for tp in signals}

    async def stop(self) -> None:
        """Ends following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self._consumer.stop(), self._readers.stop())

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                batches = await consumer.getmany(timeout_ms=1000, max_records=500)
            except KafkaError as error:
                log.warning("the log could not be read", error=repr(error))
                await asyncio.sleep(0.5)
                continue
            for records in batches.values():
                for record in records:
                    try:
                        self._take(record)
                    except Undecodable as error:
                        await self._dead.put((record, str(error)))
                    except Exception as error:
                        log.exception("a record could not be told", topic=record.topic, offset=record.offset)
                        await self._dead.put((record, f"{type(error).__name__}: {error}"))
                    if (index := INDEX.get(record.topic)) is not None:
                        self._hub.passed(record.partition, index, record.offset)
                    while self._moving:
                        self._moved(self._moving.pop())
                metrics.BATCH_RECORDS.labels(NAME).observe(len(records))
            self._hub.flush()
            notes, self._notes = self._notes, []
            for note in notes:
                _noted(*note)
            self._readers.told(consumer, batches)

    def _asked(self) -> list[TopicPartition]:
        return partitions_of(self._settings, topics.ROOMS)[:1]

    def _reached(self) -> None:
        since = self._reach.since
        if since is None:
            self._answered = time.monotonic()
        if since != self.stale_since:
            self.stale_since = since
            self._stale(since)
        metrics.lag(NAME, self._readers.behind())  # also while it does not turn

    async def _bury(self) -> None:
        while True:
            record, reason = await self._dead.get()
            while True:
                try:
                    await dead_letter(self._producer, self._settings, record, reason, NAME)
                    break
                except KafkaError as error:
                    log.warning("a dead letter could not be kept yet", error=repr(error))
                    await asyncio.sleep(1)
            metrics.DEAD_LETTERS.labels(NAME).inc()

    def _load(self, record: ConsumerRecord) -> None:
        """Into the read model, and into the rings what is recent: nobody listens yet.

        What is undecodable was buried when it was new.
        """
        topic = topics.BY_NAME[record.topic]
        try:
            found = self._decoded(record, topic)
        except Undecodable as error:
            log.warning("not readable", topic=record.topic, offset=record.offset, reason=str(error))
            return
        if found is None:
            return
        property_id: str = getattr(found, "property_id")  # noqa: B009  # every record that is followed has it
        held = self._held.get((record.topic, record.partition), {}).get(property_id, 0)
        begin = self._recent.get(TopicPartition(record.topic, record.partition))
        recent = begin is not None and record.offset >= begin
        told: list[Said] | None = None
        try:
            if not isinstance(found, AnswerHeader) or record.offset >= held:
                told = self._apply(found, topic, record)
            elif recent:  # the snapshot knows it; who comes back may not have heard of it
                told = told_again(self._model, found, topic, record.offset, record.timestamp)
        except Exception as error:  # told once as a dead letter; it must not keep a gateway from starting
            log.exception("not applied", topic=record.topic, offset=record.offset, reason=repr(error))
            return
        if told and recent and property_id != EVERY_PROPERTY:
            self._hub.tell(property_id, INDEX[record.topic], record.offset, record.timestamp, told)

    def _take(self, record: ConsumerRecord) -> None:
        topic = topics.BY_NAME[record.topic]
        found = self._decoded(record, topic)
        if found is None:
            return
        if isinstance(found, Signal):
            self._signal(found)
            return
        property_id: str = getattr(found, "property_id")  # noqa: B009  # every record that is followed has it
        if isinstance(found, RoomsAnswer) and any(_moves(fact) for fact in found.facts):
            self._hub.flush()  # who hears what came before depends on whose room it was before
            self._moving.append(property_id)
        told = self._apply(found, topic, record)
        index = INDEX.get(topic.name)
        if told is None or index is None:
            return
        if property_id == EVERY_PROPERTY:
            for hotel in list(self._model.hotels):
                for one in told:
                    self._hub.signal(hotel, _for_hotel(one, hotel))
            return
        heard = self._hub.tell(property_id, index, record.offset, record.timestamp, told)
        if isinstance(found, AnswerHeader | ChatEvent):  # folds say their values again and again
            self._notes.append((found, record, told, heard))
        vector = self._hub.vector(property_id)
        if isinstance(found, AnswerHeader):
            self._answers.decided(found, vector)
        elif isinstance(found, ChatEvent):
            self._answers.chatted(found, vector)
            for said in self._typed(found, record.timestamp):
                self._hub.signal(property_id, said)

    def _typed(self, found: ChatEvent, at: int) -> list[Said]:
        """Whose typing ends with it."""
        if found.message_sent is not None:
            return self._typists.sent(found.property_id, found.thread_id, found.actor_id, at)
        if found.thread_closed is not None:
            return self._typists.closed(found.property_id, found.thread_id, at)
        return []

    def _decoded(self, record: ConsumerRecord, topic: Topic) -> Record | None:
        if record.value is None and topic.compacted:
            self._model.gone(record.key)
            return None
        return decode(record.value, topic)

    def _apply(self, found: Record, topic: Topic, record: ConsumerRecord) -> list[Said] | None:
        """Into the read model; what clients are told of it, None where it has no effect."""
        match found:
            case AnswerHeader():
                if not counts(found, record.offset):
                    return None
                return events.of_answer(self._model.of(found.property_id), found, record.offset)
            case ChatEvent():
                hotel = self._model.of(found.property_id)
                if not fold_chats.apply(hotel, found, record.offset, record.timestamp):
                    return None
                silent = record.offset in hotel.chat_silent
                return [] if silent else events.of_chat(hotel, found, record.timestamp)
            case FoldHeader():
                if self._model.fold(found):
                    return events.of_fold(found, topic.name, record.offset)
            case SystemAlert():
                self._model.system_alert(found)
                return events.of_system(found)
            case PeopleRecord():
                self._model.person(found)
            case SloReport():
                self._model.slo = found
            case SettingsRecord():
                if (revocation := self._model.setting(found, record.offset)) is not None:
                    self._revoked(found.property_id, revocation)
            case _:
                pass
        return None

    def _signal(self, signal: Signal) -> None:
        now = int(time.time() * 1000)
        if signal.presence is not None or signal.change is not None:
            told = self._presence.heard(signal, now)
        elif signal.typing is not None and not self._is_closed(signal.property_id, signal.typing.thread_id):
            told = self._typists.heard(signal, signal.typing, now)
        else:
            told = []
        for said in told:
            self._hub.signal(signal.property_id, said)

    def _is_closed(self, property_id: str, thread_id: str) -> bool:
        """Word of the typing comes by another way than the end of the chat, and may come after it."""
        hotel = self._model.hotel(property_id)
        thread = hotel.threads.get(thread_id) if hotel else None
        return thread is not None and thread.closed


def _vector(positions: dict[TopicPartition, int], partition: int) -> Vector:
    return tuple((positions[TopicPartition(topic.name, partition)], 0) for topic in LIVE_TOPICS)


def _moves(fact: RoomsFact) -> bool:
    """Whether a room may be somebody else's after it."""
    back = fact.check_in_reversed or fact.check_out_reversed
    return bool(fact.checked_in or fact.checked_out or fact.room_assigned or back)


def _noted(found: AnswerHeader | ChatEvent, record: ConsumerRecord, told: list[Said], heard: int) -> None:
    """The log line by which an id is followed to the screen. `heard`: frames to connections."""
    cause = {"causation_id": found.causation_id} if isinstance(found, AnswerHeader) else {}
    log.info(
        "told",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        property_id=found.property_id,
        event_id=found.event_id,
        **cause,
        types=sorted({said.type for said in told}),
        heard=heard,
    )


def _for_hotel(said: Said, property_id: str) -> Said:
    return Said(said.type, (f"ops:{property_id}",), said.id, said.at, said.place, said.d)
