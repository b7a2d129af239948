"""What went wrong, said to admins on `system`: lag, dead letters growing, push refused, stalled, a part died.

One word per kind and part, then silence for a while: an alarm that never stops is not heard. What lasts and
then ends is said to be over, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from prometheus_client import REGISTRY, CollectorRegistry

from infra.runtime.kafka import send
from infra.runtime.settings import Settings
from schemas import topics
from schemas.ids import new_id
from schemas.records.operations import SystemAlert, SystemKind

EVERYBODY = "*"
LOOK_EVERY_S = 5.0
QUIET_S = 600.0
LAG_RECORDS = 10_000
LAG_FOR_S = 30.0
STALLED_S = 60.0


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to say to admins."""

    kind: SystemKind
    part: str
    sentence: str
    value: float = 0.0
    over: bool = False


# The others happen: nothing says when they have ended.
LASTING: frozenset[SystemKind] = frozenset({"lag", "stalled"})


def push_refused(origin: str, status: int) -> Word:
    """A push service does not accept our VAPID key."""
    sentence = f"{origin} refuses our VAPID key ({status}): check CONCIERGE_VAPID_PRIVATE_KEY and the clock."
    return Word("push_refused", "push", sentence, float(status))


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
    """Says of each word whether it may be said now. Times are monotonic seconds."""

    said_at: dict[tuple[SystemKind, str], float] = field(default_factory=dict)

    def ended(self, words: Sequence[Word]) -> list[Word]:
        """What was said, lasts no more and is not said to be over yet. `words`: all that is wrong now."""
        now = {(word.kind, word.part) for word in words}
        return [
            Word(kind, part, f"{part} is well again.", over=True)
            for kind, part in self.said_at
            if kind in LASTING and (kind, part) not in now
        ]

    def may(self, word: Word, now: float) -> bool:
        """True at most once in QUIET_S per kind and part."""
        key = (word.kind, word.part)
        if now - self.said_at.get(key, -QUIET_S) < QUIET_S:
            return False
        self.said_at[key] = now
        return True

    def forget(self, word: Word) -> None:
        """It could not be said, or it is over: it may be said at once."""
        self.said_at.pop((word.kind, word.part), None)


@dataclass(slots=True)
class Watch:
    """Looks at one process's own metrics, pure: `look` gets their values and the time."""

    process: str
    lag_since: dict[str, float] = field(default_factory=dict)
    moved: dict[str, tuple[float, float]] = field(default_factory=dict)
    dead: float | None = None

    def look(self, lag: Mapping[str, float], age: Mapping[str, float], dead: float, now: float) -> list[Word]:
        """What is wrong at `now`: lag in records and commit age in seconds by reader, dead letters so far."""
        words = []
        for reader, records in lag.items():
            if records < LAG_RECORDS:
                self.lag_since.pop(reader, None)
            elif now - self.lag_since.setdefault(reader, now) >= LAG_FOR_S:
                part = f"{self.process}/{reader}"
                words.append(Word("lag", part, f"{part} is {records:.0f} records behind.", records))
            if records > 0 and age.get(reader, 0.0) >= STALLED_S:
                part = f"{self.process}/{reader}"
                sentence = f"{part} has work but made no progress for {age[reader]:.0f} s."
                words.append(Word("stalled", part, sentence, age[reader]))
        if self.dead is not None and dead > self.dead:
            sentence = f"{self.process} found {dead - self.dead:.0f} more records it cannot read."
            words.append(Word("dead_letters", self.process, sentence, dead))
        self.dead = dead
        return words


def values(name: str, registry: CollectorRegistry = REGISTRY) -> dict[str, float]:
    """A metric's values by its `reader` label, summed over its other labels."""
    found: dict[str, float] = {}
    for family in registry.collect():
        for sample in family.samples:
            if sample.name == name:
                reader = sample.labels.get("reader", "")
                found[reader] = found.get(reader, 0.0) + sample.value
    return found


async def watch(
    producer: AIOKafkaProducer,
    settings: Settings,
    process: str,
    clock: Callable[[], float] = time.monotonic,
    every_s: float = LOOK_EVERY_S,
) -> None:
    """Look at this process's metrics for ever and say what is wrong; runs as a task beside its work."""
    eye, quiet = Watch(process), Quiet()
    while True:
        dead = sum(values("concierge_dead_letters_total").values())
        lag, age = values("concierge_lag_records"), values("concierge_commit_age_seconds")
        words = eye.look(lag, age, dead, clock())
        for word in words:
            if quiet.may(word, clock()):
                try:
                    await say(producer, settings, word)
                except KafkaError:  # away, most likely: no reason to end what watches
                    quiet.forget(word)
        for word in quiet.ended(words):
            with contextlib.suppress(KafkaError):  # tried again at the next look
                await say(producer, settings, word)
                quiet.forget(word)
        await asyncio.sleep(every_s)
