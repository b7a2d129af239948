"""What is said to admins, and when."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from prometheus_client import CollectorRegistry, Gauge

from infra.runtime import metrics, watchdog
from infra.runtime.settings import Settings
from infra.runtime.watchdog import Quiet, Watch, Word, push_refused, values
from schemas.ids import new_id


def test_lag_is_said_when_it_lasts() -> None:
    eye = Watch("worker")
    assert eye.look({"rooms": 20_000}, {}, 0, 0) == []
    (word,) = eye.look({"rooms": 20_000}, {}, 0, 31)
    assert (word.kind, word.part, word.value) == ("lag", "worker/rooms", 20_000)
    assert eye.look({"rooms": 5}, {}, 0, 32) == []
    assert eye.look({"rooms": 20_000}, {}, 0, 33) == []


def test_stalled_is_work_without_progress() -> None:
    assert Watch("w").look({"sink": 0}, {"sink": 90}, 0, 0) == []
    (word,) = Watch("w").look({"sink": 1}, {"sink": 90}, 0, 0)
    assert word.kind == "stalled"


def test_dead_letters_are_said_when_they_grow() -> None:
    eye = Watch("w")
    assert eye.look({}, {}, 3, 0) == []
    assert eye.look({}, {}, 3, 1) == []
    (word,) = eye.look({}, {}, 5, 2)
    assert (word.kind, word.value) == ("dead_letters", 5)


def test_a_word_is_said_once_in_a_while() -> None:
    quiet = Quiet()
    word = push_refused("fcm.googleapis.com", 403)
    assert quiet.may(word, 0)
    assert not quiet.may(word, 599)
    assert quiet.may(Word("part_died", "sink", "sink died and is started again.", 1.0), 1)
    assert quiet.may(word, 600)


def test_a_word_that_nobody_heard_may_be_said_again() -> None:
    quiet = Quiet()
    word = push_refused("fcm.googleapis.com", 403)
    assert quiet.may(word, 0)
    quiet.forget(word)
    assert quiet.may(word, 1)


def test_what_lasts_is_said_to_be_over_once_it_is() -> None:
    quiet = Quiet()
    lag, dead = Word("lag", "sink/sink", "It is behind."), Word("dead_letters", "sink", "More.")
    assert quiet.ended([]) == [], "nothing was said"
    for word in (lag, dead):
        assert quiet.may(word, 0)
    assert quiet.ended([lag]) == []
    (over,) = quiet.ended([])
    assert (over.kind, over.part, over.over) == ("lag", "sink/sink", True)
    quiet.forget(over)
    assert quiet.ended([]) == []
    assert quiet.may(lag, 1), "when it comes again it is news"


async def test_it_goes_on_while_kafka_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[bool] = []
    reader = f"reader-{new_id()}"
    heard = asyncio.Event()

    async def say(_: object, __: object, word: Word) -> None:
        if word.part != f"w/{reader}":  # another test's
            return
        tries.append(word.over)
        if len(tries) in (1, 2, 4):
            raise KafkaConnectionError("away")
        heard.set()

    monkeypatch.setattr(watchdog, "say", say)
    metrics.LAG_RECORDS.labels(reader, "rooms").set(1)
    metrics.COMMIT_AGE_SECONDS.labels(reader).set(90)
    watching = asyncio.create_task(
        watchdog.watch(cast("AIOKafkaProducer", None), Settings(), "w", every_s=0.01)
    )
    async with asyncio.timeout(20):
        await heard.wait()
        heard.clear()
        metrics.LAG_RECORDS.remove(reader, "rooms")
        metrics.COMMIT_AGE_SECONDS.remove(reader)
        await heard.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert tries == [False, False, False, True, True]


def test_values_are_summed_by_reader() -> None:
    registry = CollectorRegistry()
    gauge = Gauge("lag", "", ["reader", "topic"], registry=registry)
    gauge.labels("sink", "rooms").set(2)
    gauge.labels("sink", "staff").set(3)
    assert values("lag", registry) == {"sink": 5}
