"""Encoded once, pushed to each channel's subscribers, flushed once a tick."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.cursor import LIVE_TOPICS, START, Cursors
from gateway.events import Said
from gateway.hub import SIGNAL, Hub, Write
from gateway.ring import Event
from schemas.topics import partition_of

PARTITIONS = 4
CHANNELS = ("staff:h", "ops:h", "user:u")


class Ear:
    """Keeps what it is told, tick by tick."""

    straight: Write | None = None

    def __init__(self) -> None:
        self.ticks: list[list[Event]] = []
        self.wires: list[bytes] = []
        self.count = 0

    def told(self, events: list[Event], wire: bytes) -> None:
        self.count += len(events)
        self.ticks.append(events)
        self.wires.append(wire)

    def fall_behind(self) -> None:
        raise AssertionError("it has room")


class Line(Ear):
    """An ear of which the line is written to; `room`: so many ticks go there."""

    def __init__(self, one: Hub, channels: list[str], room: int) -> None:
        super().__init__()
        self.straight = self.write
        self.hub, self.channels, self.room = one, channels, room
        self.behind = False

    def write(self, wire: bytes) -> None:
        self.wires.append(wire)
        if len(self.wires) == self.room:
            self.straight = None

    def fall_behind(self) -> None:
        self.behind = True
        for name in self.channels:
            self.hub.leave("h", name, self)


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
    assert first[0] is second[0], "encoded once"
    assert ears[0].wires[0] is ears[1].wires[0]
    assert ears[0].wires == [b"".join(event.wire for event in first)]
    assert [len(ear.ticks) for ear in ears] == [1, 1, 0], "nothing to tell, nobody told"
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
    assert ear.ticks == []


@given(
    hears=st.lists(
        st.tuples(st.sets(st.sampled_from(CHANNELS), min_size=1).map(sorted), st.integers(1, 4)),
        min_size=1, max_size=5,
    ),
    ticks=st.lists(
        st.lists(st.sets(st.sampled_from(CHANNELS), min_size=1), min_size=1, max_size=4), max_size=6
    ),
)  # fmt: skip
def test_a_line_with_room_is_written_what_an_ear_is_told_and_without_room_it_leaves_after_its_tick(
    hears: list[tuple[list[str], int]], ticks: list[list[set[str]]]
) -> None:
    one = hub()
    ears, lines = [Ear() for _ in hears], [Line(one, *about) for about in hears]
    for ear, line in zip(ears, lines, strict=True):
        for name in line.channels:
            one.join("h", name, ear)
            one.join("h", name, line)
    for number, tick in enumerate(ticks):
        for offset, on in enumerate(tick, 10 * number):
            one.tell("h", 0, offset, 1, [said(str(offset), *sorted(on))])
        one.flush()
    for ear, line in zip(ears, lines, strict=True):
        assert line.wires == ear.wires[: line.room], "all of a tick, in the same piece"
        assert line.count == sum(len(tick) for tick in ear.ticks[: line.room])
        assert line.behind == (len(ear.wires) >= line.room)
        assert line.ticks == []


@given(
    joined=st.lists(st.sets(st.sampled_from(CHANNELS)), min_size=1, max_size=5),
    moves=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(CHANNELS)), max_size=12),
    said_on=st.lists(st.sets(st.sampled_from(CHANNELS), min_size=1), max_size=12),
)
def test_each_hears_its_channels_once_in_order_however_they_come_and_go(
    joined: list[set[str]], moves: list[tuple[int, str]], said_on: list[set[str]]
) -> None:
    """Between two records ears join and leave; each is told what was said while it was there."""
    one, ears = hub(), [Ear() for _ in joined]
    there = [set(channels) for channels in joined]
    wanted: list[list[tuple[str, str]]] = [[] for _ in joined]
    for ear, channels in zip(ears, there, strict=True):
        for name in channels:
            one.join("h", name, ear)
    for offset in range(max(len(moves), len(said_on))):
        if offset < len(said_on):
            on = sorted(said_on[offset])
            one.tell("h", 0, offset, 1, [said(str(offset), *on)])
            one.passed(partition_of("h", PARTITIONS), 0, offset)
            for own, channels in zip(wanted, there, strict=True):
                own += [(str(offset), name) for name in on if name in channels]
        if offset < len(moves):
            who, name = moves[offset][0] % len(ears), moves[offset][1]
            (one.leave if name in there[who] else one.join)("h", name, ears[who])
            there[who] ^= {name}
    one.flush()
    for ear, own in zip(ears, wanted, strict=True):
        heard = [event for tick in ear.ticks for event in tick]
        assert [(json.loads(event.json)["id"], event.channel) for event in heard] == own
        assert ear.wires == [b"".join(event.wire for event in tick) for tick in ear.ticks]
