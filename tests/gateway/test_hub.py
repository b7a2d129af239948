"""Encoded once, pushed to each channel's subscribers, flushed once a tick."""

from __future__ import annotations

import json

from gateway.cursor import LIVE_TOPICS, START, Cursors
from gateway.events import Said
from gateway.hub import SIGNAL, Hub
from gateway.ring import Event
from schemas.topics import partition_of

PARTITIONS = 4


class Ear:
    """Keeps what it is given, per tick."""

    def __init__(self) -> None:
        self.ticks: list[list[Event]] = [[]]

    def push(self, event: Event) -> None:
        self.ticks[-1].append(event)

    def flush(self) -> None:
        self.ticks.append([])


def said(own: str, *channels: str, place: int = 0) -> Said:
    return Said("announcement", channels, own, 5, place, {"text": own})


def hub() -> Hub:
    return Hub(Cursors("a-secret-of-the-tests"), PARTITIONS)


def test_everyone_on_the_channel_gets_the_same_bytes_in_one_flush() -> None:
    one = hub()
    ears = [Ear(), Ear(), Ear()]
    for ear in ears[:2]:
        one.join("h", "staff:h", ear)
    one.join("other", "staff:h", ears[2])
    heard = one.tell("h", 0, 3, 1, [said("a", "staff:h"), said("b", "staff:h", place=8)])
    assert heard == 4, "two events for two ears"
    one.passed(partition_of("h", PARTITIONS), 0, 3)
    one.flush()
    one.flush()
    first, second = (ear.ticks[0] for ear in ears[:2])
    assert [event.wire for event in first] == [event.wire for event in second]
    assert first[0] is second[0], "encoded once"
    assert [len(ear.ticks) for ear in ears] == [2, 2, 1], "nothing to flush, nobody flushed"
    frame = json.loads(first[1].json)
    assert (frame["t"], frame["ch"], frame["id"], frame["d"]) == ("ev", "staff:h", "b", {"text": "b"})
    assert one.cursors.decode("h", frame["cur"])[0] == (3, 9)
    assert one.vector("h")[0] == (4, 0)
    assert len(LIVE_TOPICS) == len(START)


def test_who_left_is_told_no_more_and_signals_are_never_replayed() -> None:
    one, ear = hub(), Ear()
    one.join("h", "staff:h", ear)
    one.signal("h", said("now", "staff:h"))
    one.leave("h", "staff:h", ear)
    one.leave("h", "staff:h", ear)
    one.signal("h", said("later", "staff:h"))
    (event,) = ear.ticks[0]
    assert event.topic == SIGNAL
    assert "cur" not in json.loads(event.json)
    assert one.ring("h").since(START, frozenset({"staff:h"}), 10) == ([], True)


def test_nobody_hears_another_hotel_even_on_a_channel_of_the_same_name() -> None:
    one, ear = hub(), Ear()
    one.join("h", "user:anna", ear)
    one.tell("other", 0, 1, 1, [said("a", "user:anna")])
    one.flush()
    assert ear.ticks == [[]]
