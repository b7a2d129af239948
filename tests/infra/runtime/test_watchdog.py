"""What is said to admins, and when."""

from __future__ import annotations

import asyncio
import time
from typing import cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from prometheus_client import CollectorRegistry, Gauge

from infra.runtime import metrics, watchdog
from infra.runtime.kafka import producer, send
from infra.runtime.settings import Settings
from infra.runtime.watchdog import Quiet, Watch, Word, push_refused, push_taken, values
from infra.topics import ensure
from schemas import topics
from schemas.ids import new_id
from tests.patience import patience


def test_lag_is_said_when_it_lasts() -> None:
    eye = Watch("worker")
    assert eye.look({"rooms": 20_000}, {}, {}, 0) == []
    (word,) = eye.look({"rooms": 20_000}, {}, {}, 31)
    assert (word.kind, word.part, word.value) == ("lag", "worker/rooms", 20_000)
    assert eye.look({"rooms": 5}, {}, {}, 32) == []
    assert eye.look({"rooms": 20_000}, {}, {}, 33) == []


def test_stalled_is_work_without_progress() -> None:
    assert Watch("w").look({"sink": 0}, {"sink": 90}, {}, 0) == []
    (word,) = Watch("w").look({"sink": 1}, {"sink": 90}, {}, 0)
    assert word.kind == "stalled"


def test_dead_letters_and_restatements_are_said_when_they_grow() -> None:
    eye = Watch("w")
    assert eye.look({}, {}, {"dead_letters": 3, "restated": 0}, 0) == []
    assert eye.look({}, {}, {"dead_letters": 3, "restated": 0}, 1) == []
    (word,) = eye.look({}, {}, {"dead_letters": 5, "restated": 0}, 2)
    assert (word.kind, word.value) == ("dead_letters", 5)
    (word,) = eye.look({}, {}, {"dead_letters": 5, "restated": 7}, 3)
    assert (word.kind, word.part, word.value) == ("restated", "w", 7)
    assert "7 facts" in word.sentence
    eye.look({}, {}, {"dead_letters": 5, "restated": 7, "audit": 0}, 4)
    (word,) = eye.look({}, {}, {"dead_letters": 5, "restated": 7, "audit": 2}, 5)
    assert (word.kind, word.part, word.value) == ("audit", "w", 2)
    assert "2 events" in word.sentence


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
    lag = Word("lag", "sink/sink", "It is behind.")
    assert quiet.ended(0) == [], "nothing was said"
    assert quiet.may(lag, 0)
    assert not quiet.may(lag, 100), "still seen"
    assert quiet.ended(189) == []
    (over,) = quiet.ended(190)
    assert (over.kind, over.part, over.over) == ("lag", "sink/sink", True)
    quiet.forget(over)
    assert quiet.ended(191) == []
    assert quiet.may(lag, 192), "when it comes again it is news"


def test_dead_letters_no_longer_grow_an_hour_after_the_last_one() -> None:
    quiet, more = Quiet(), Word("dead_letters", "sink", "More.")
    assert quiet.may(more, 0)
    assert not quiet.may(more, 500), "another one, too soon to say it again"
    assert quiet.ended(4_099) == []
    (over,) = quiet.ended(4_100)
    assert (over.about, over.over) == (more.about, True)


def test_a_refused_key_is_over_by_a_push_that_was_taken_and_by_no_silence() -> None:
    quiet, taken = Quiet(), push_taken("fcm.googleapis.com")
    assert not quiet.stands(taken)
    assert quiet.may(push_refused("fcm.googleapis.com", 403), 0)
    assert quiet.ended(1e6) == []
    assert quiet.stands(taken)
    assert not quiet.stands(push_taken("web.push.apple.com")), "another service's word"


def test_what_an_earlier_life_said_is_known_and_ends_as_if_it_were_said_now() -> None:
    quiet, lag = Quiet(), Word("lag", "sink/sink", "It is behind.")
    quiet.recall({lag.about: 900, ("dead_letters", "sink"): -2_000}, 1_000)
    assert not quiet.may(lag, 1_010), "people know"
    assert [over.kind for over in quiet.ended(1_650)] == ["lag", "dead_letters"]
    assert quiet.ended(1_099) == []


async def test_what_stands_is_on_the_log(kafka: str) -> None:
    settings, own = Settings(kafka_url=kafka), f"sink-{new_id()}"
    await ensure(settings)
    said = [
        Word("lag", f"{own}/sink", "Behind."),
        Word("stalled", f"{own}/sink", "No progress."),
        Word("stalled", f"{own}/sink", "Well.", over=True),
        Word("dead_letters", own, "More."),
        Word("part_died", own, "Its supervisor says that it died."),
        Word("lag", f"{own}-2/sink", "Another process."),
    ]
    sender = producer(settings)
    await sender.start()
    try:
        for word in said:
            await watchdog.say(sender, settings, word)
        await send(sender, settings, topics.SYSTEM, "*", None)  # poison is no reason to know nothing
    finally:
        await sender.stop()
    now = int(time.time() * 1000)
    found = await watchdog.standing(settings, own, now)
    assert set(found) == {("lag", f"{own}/sink"), ("dead_letters", own)}
    assert all(now - 60_000 < at <= now for at in found.values())
    assert await watchdog.standing(settings, own, now + watchdog.STANDS_MS + 60_000) == {}, "history"


async def test_the_next_life_of_a_process_ends_what_the_last_one_said(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, own = Settings(kafka_url=kafka), f"sink-{new_id()}"
    await ensure(settings)
    monkeypatch.setitem(cast("dict[str, float]", watchdog.CALM_S), "lag", 0.1)
    monkeypatch.setattr(watchdog, "RECALL_AFTER_S", 0.05)
    sender = producer(settings)
    await sender.start()
    try:
        await watchdog.say(sender, settings, Word("lag", f"{own}/sink", "Behind."))
        watching = asyncio.create_task(watchdog.watch(sender, settings, own, every_s=0.02))
        async with patience():
            # Readers of other tests in this process may stand still, and have words of their own.
            while ("lag", f"{own}/sink") in await watchdog.standing(settings, own, int(time.time() * 1000)):
                await asyncio.sleep(0.05)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    finally:
        await sender.stop()


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
    monkeypatch.setitem(cast("dict[str, float]", watchdog.CALM_S), "stalled", 0.0)
    metrics.LAG_RECORDS.labels(reader, "rooms").set(1)
    metrics.COMMIT_AGE_SECONDS.labels(reader).set(90)
    watching = asyncio.create_task(
        watchdog.watch(cast("AIOKafkaProducer", None), Settings(), "w", every_s=0.01)
    )
    async with patience():
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
