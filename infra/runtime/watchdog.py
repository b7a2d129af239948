"""What went wrong, said to admins on `system`: lag, dead letters growing, the past restated, events that
canaries did not hear as the log says them, push refused, stalled, a part died.

One word per kind and part, then silence for a while: an alarm that never stops is not heard. When it has
ended that is said, once, also by the next life of the process: what it said before it finds on the log.

| what | is over |
| --- | --- |
| lag, stalled | not seen for 90 s |
| dead letters growing, the past restated, the audit's faults | none came for an hour |
| push refused | the same push service took a push |
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import REGISTRY, CollectorRegistry

from infra.runtime.kafka import ShortRead, read_to_end, reader, send
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import Undecodable, decode_as
from schemas.ids import new_id
from schemas.records.operations import SystemAlert, SystemKind

EVERYBODY = "*"
LOOK_EVERY_S = 5.0
QUIET_S = 600.0
LAG_RECORDS = 10_000
LAG_FOR_S = 30.0
STALLED_S = 60.0
# Not seen for so long, it is over. Lag and standstill: longer than a process that just started takes to see
# them (30 s, 60 s). What is counted: long enough that whoever is on duty has read that they grow.
CALM_S: Mapping[SystemKind, float] = {
    "lag": 90.0,
    "stalled": 90.0,
    "dead_letters": 3600.0,
    "restated": 3600.0,
    "audit": 3600.0,
}
# Told by what they have grown by; the part is the whole process.
COUNTED: Mapping[SystemKind, str] = {
    "dead_letters": "concierge_dead_letters_total",
    "restated": "concierge_restating_facts_total",
    "audit": "concierge_audit_faults_total",
}
# What was said a day ago is history to whoever shows it, and need not be ended.
STANDS_MS = 24 * 3_600_000
# A start has more urgent work than to look for what was said before.
RECALL_AFTER_S = 30.0

Key = tuple[SystemKind, str]
"""What a word is about: kind and part."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to say to admins."""

    kind: SystemKind
    part: str
    sentence: str
    value: float = 0.0
    over: bool = False

    @property
    def about(self) -> Key:
        return self.kind, self.part


def push_refused(host: str, status: int) -> Word:
    """A push service does not accept our VAPID key."""
    sentence = f"{host} refuses our VAPID key ({status}): check CONCIERGE_VAPID_PRIVATE_KEY and the clock."
    return Word("push_refused", f"push/{host}", sentence, float(status))


def push_taken(host: str) -> Word:
    """It took a push, so what `push_refused` said of it is over."""
    return Word("push_refused", f"push/{host}", f"{host} takes our VAPID key again.", over=True)


async def say(producer: AIOKafkaProducer, settings: Settings, word: Word) -> None:
    """Write it to `system`. Raises aiokafka's KafkaError."""
    record = SystemAlert(
        event_id=new_id(),
        property_id=EVERYBODY,
        kind=word.kind,
        part=word.part,
        sentence=word.sentence,
        value=word.value,
        at=int(time.time() * 1000),
        over=word.over,
    )
    await send(producer, settings, topics.SYSTEM, EVERYBODY, record)


@dataclass(slots=True)
class Quiet:
    """Says of each word whether it may be said now, and what is over. Times are monotonic seconds."""

    said_at: dict[Key, float] = field(default_factory=dict)
    seen_at: dict[Key, float] = field(default_factory=dict)

    def ended(self, now: float) -> list[Word]:
        """What was said, is not said to be over yet, and was not seen for so long that it is."""
        return [
            Word(kind, part, _well(kind, part), over=True)
            for kind, part in self.said_at
            if now - self.seen_at[kind, part] >= CALM_S.get(kind, float("inf"))
        ]

    def may(self, word: Word, now: float) -> bool:
        """It is seen now. True at most once in QUIET_S per kind and part."""
        self.seen_at[word.about] = now
        if now - self.said_at.get(word.about, -QUIET_S) < QUIET_S:
            return False
        self.said_at[word.about] = now
        return True

    def stands(self, word: Word) -> bool:
        """Something was said of this kind and part, and not that it is over."""
        return word.about in self.said_at

    def recall(self, said: Mapping[Key, float], now: float) -> None:
        """What an earlier life said: when, by the same clock."""
        for key, at in said.items():
            self.said_at.setdefault(key, at)
            self.seen_at.setdefault(key, at if key[0] in COUNTED else now)

    def forget(self, word: Word) -> None:
        """It could not be said, or it is over: it may be said at once."""
        self.said_at.pop(word.about, None)


def _grown(kind: SystemKind, process: str, more: float) -> str:
    if kind == "dead_letters":
        return f"{process} found {more:.0f} more records it cannot read."
    if kind == "audit":
        return (
            f"Canary clients heard {more:.0f} events not as the log says them: lost, again, in another order "
            "or foreign. /slo says which, the log of the auditor says what."
        )
    return (
        f"{process} heard {more:.0f} facts more than a day after they happened: "
        "business dates that were closed have changed. v_restatements says which."
    )


def _well(kind: SystemKind, part: str) -> str:
    if kind == "dead_letters":
        return f"{part} has found no more records it cannot read for an hour. They are kept in dead_letters."
    if kind == "audit":
        return "Canary clients have heard everything as the log says it for an hour."
    if kind == "restated":
        return f"{part} has heard nothing of long closed business dates for an hour."
    return f"{part} is well again."


@dataclass(slots=True)
class Watch:
    """Looks at one process's own metrics, pure: `look` gets their values and the time."""

    process: str
    lag_since: dict[str, float] = field(default_factory=dict)
    counted: Mapping[SystemKind, float] = field(default_factory=dict)

    def look(
        self,
        lag: Mapping[str, float],
        age: Mapping[str, float],
        counted: Mapping[SystemKind, float],
        now: float,
    ) -> list[Word]:
        """What is wrong at `now`: lag in records and commit age in seconds by reader, how many of COUNTED."""
        words = []
        for name, records in lag.items():
            if records < LAG_RECORDS:
                self.lag_since.pop(name, None)
            elif now - self.lag_since.setdefault(name, now) >= LAG_FOR_S:
                part = f"{self.process}/{name}"
                words.append(Word("lag", part, f"{part} is {records:.0f} records behind.", records))
            if records > 0 and age.get(name, 0.0) >= STALLED_S:
                part = f"{self.process}/{name}"
                sentence = f"{part} has work but made no progress for {age[name]:.0f} s."
                words.append(Word("stalled", part, sentence, age[name]))
        for kind, known in self.counted.items():
            if (more := counted[kind] - known) > 0:
                words.append(Word(kind, self.process, _grown(kind, self.process, more), counted[kind]))
        self.counted = counted
        return words


def values(name: str, registry: CollectorRegistry = REGISTRY) -> dict[str, float]:
    """A metric's values by its `reader` label, summed over its other labels."""
    found: dict[str, float] = {}
    # Of this metric alone: the process's own would list every open file, of which each socket is one.
    for family in registry.restricted_registry([name]).collect():
        for sample in family.samples:
            if sample.name == name:
                reader = sample.labels.get("reader", "")
                found[reader] = found.get(reader, 0.0) + sample.value
    return found


async def standing(settings: Settings, process: str, now_ms: int) -> dict[Key, int]:
    """What this process said in the last day and did not end: when, ms. Raises KafkaError, ShortRead."""
    tp = TopicPartition(topics.SYSTEM.name, topics.partition_of(EVERYBODY, settings.partitions))
    found: dict[Key, int] = {}
    consumer = reader(settings)
    try:
        await consumer.start()
        begin = (await consumer.offsets_for_times({tp: now_ms - STANDS_MS}))[tp]
        if begin is None:
            return found
        async for record in read_to_end(consumer, [tp], {tp: begin.offset}):
            try:
                said = decode_as(record.value, topics.SYSTEM, SystemAlert)
            except Undecodable:  # who tells it to people makes it a dead letter
                continue
            if not _own(said, process):
                continue
            found.pop((said.kind, said.part), None)
            if not said.over:
                found[said.kind, said.part] = said.at
    finally:
        await consumer.stop()
    return found


def _own(said: SystemAlert, process: str) -> bool:
    """Said by this process, not by its supervisor of it."""
    return said.part.startswith(f"{process}/") or (said.kind in COUNTED and said.part == process)


async def _recalled(settings: Settings, process: str, quiet: Quiet, clock: Callable[[], float]) -> None:
    while True:
        await asyncio.sleep(RECALL_AFTER_S)
        now_ms = int(time.time() * 1000)
        try:
            said = await standing(settings, process, now_ms)
        except (KafkaError, ShortRead, OSError):  # away, most likely
            continue
        quiet.recall({key: clock() - (now_ms - at) / 1000 for key, at in said.items()}, clock())
        return


async def watch(
    producer: AIOKafkaProducer,
    settings: Settings,
    process: str,
    clock: Callable[[], float] = time.monotonic,
    every_s: float = LOOK_EVERY_S,
    quiet: Quiet | None = None,
) -> None:
    """Look at this process's metrics for ever and say what is wrong; runs as a task beside its work.

    `quiet`: shared with who says other words of this process.
    """
    eye, quiet = Watch(process), quiet or Quiet()
    recalling = asyncio.create_task(_recalled(settings, process, quiet, clock))
    try:
        while True:
            counted = {kind: sum(values(metric).values()) for kind, metric in COUNTED.items()}
            lag, age = values("concierge_lag_records"), values("concierge_commit_age_seconds")
            for word in eye.look(lag, age, counted, clock()):
                if quiet.may(word, clock()):
                    try:
                        await say(producer, settings, word)
                    except KafkaError:  # away, most likely: no reason to end what watches
                        quiet.forget(word)
            for word in quiet.ended(clock()):
                with contextlib.suppress(KafkaError):  # tried again at the next look
                    await say(producer, settings, word)
                    quiet.forget(word)
            await asyncio.sleep(every_s)
    finally:
        recalling.cancel()
