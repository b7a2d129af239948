"""What is said to admins, and when."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from infra.runtime.watchdog import Quiet, Watch, Word, push_refused, values


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


def test_values_are_summed_by_reader() -> None:
    registry = CollectorRegistry()
    gauge = Gauge("lag", "", ["reader", "topic"], registry=registry)
    gauge.labels("sink", "rooms").set(2)
    gauge.labels("sink", "staff").set(3)
    assert values("lag", registry) == {"sink": 5}
