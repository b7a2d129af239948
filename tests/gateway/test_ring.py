"""The ring: complete from its floor on, in order, an event on two channels never parted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Opcode
from websockets.protocol import CLIENT, Protocol

from gateway.cursor import START, moved
from gateway.ring import RING_EVENTS, Event, Ring, framed


def test_frames_are_what_a_websocket_client_reads() -> None:
    for size in (0, 125, 126, 65_535, 65_536):
        reader = Protocol(side=CLIENT, max_size=None)
        reader.receive_data(framed(b"x" * size))
        (frame,) = reader.events_received()
        assert (frame.opcode, bytes(frame.data)) == (Opcode.TEXT, b"x" * size)  # type: ignore[union-attr]


def test_an_event_as_socket_io_has_it_may_say_where_one_is() -> None:
    one = Event("new_message", "a", 2, (7, 0), "c", b'{"cur":"', b'"}', 0, 0)
    assert one.emitted(False) == b'2["new_message",{"cur":"c"}]'
    assert one.emitted(True) == b'2["new_message",{"cur":"c"},"c"]'
    assert one.emitted_wire(True) == framed(b"4" + one.emitted(True))
    assert one.emitted_wire(False) == framed(b"4" + one.emitted(False))
    assert one.at("d").emitted_wire(True) == framed(b'42["new_message",{"cur":"d"},"d"]')
    signal = Event("typing", "a", -1, (0, 0), "", b"{", b"}", 0, 0)
    assert signal.emitted(True) == signal.emitted(False) == b'2["typing",{}]'


def test_since_gives_what_comes_after_and_forgets_only_behind_its_floor() -> None:
    ring = Ring(START)
    for offset in range(10):
        for channel in ("a", "b"):
            ring.append(Event("x", channel, 2, (offset, 0), "c", b"", b"", 0, 0))
    after = moved(START, 2, (4, 1))
    found, done = ring.since(after, frozenset({"a", "b"}), 3)
    assert [(one.channel, one.place[0]) for one, _ in found] == [("a", 5), ("b", 5), ("a", 6), ("b", 6)]
    assert not done
    rest, done = ring.since(found[-1][1], frozenset({"a"}), 99)
    assert [one.place[0] for one, _ in rest] == [7, 8, 9]
    assert done
    for offset in range(10, 10 + RING_EVENTS):
        ring.append(Event("x", "a", 2, (offset, 0), "c", b"", b"", 0, 0))
    assert not ring.holds(after)
    assert ring.holds(moved(START, 2, (10, 0)))


@given(
    said=st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab")), max_size=30),
    at=st.tuples(*[st.integers(0, 12)] * 3),
)
def test_it_finds_all_that_comes_after_however_topics_lie_among_each_other(
    said: list[tuple[int, str]], at: tuple[int, ...]
) -> None:
    ring, ends, wanted = Ring(START), [0, 0, 0], list[tuple[int, int]]()
    for topic, channel in said:
        place = ends[topic]
        ends[topic] += 1
        ring.append(Event("x", channel, topic, (place, 0), "c", b"", b"", 0, 0))
        if channel == "a" and place >= at[topic]:
            wanted.append((topic, place))
    vector = START
    for topic, place in enumerate(at):
        vector = moved(vector, topic, (place, 0))
    found, done = ring.since(vector, frozenset({"a"}), 99)
    assert done
    assert [(one.topic, one.place[0]) for one, _ in found] == wanted
