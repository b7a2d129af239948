"""One listener: live while there is room, from the log when there was none, never what is not its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from gateway import feed as feed_module
from gateway import history, ring
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.events import Said
from gateway.feed import Feed
from gateway.history import History
from gateway.payloads import EventType
from gateway.readmodel.model import ReadModel
from gateway.ring import Event
from infra.runtime.kafka import send
from schemas import topics
from schemas.ids import new_id
from schemas.records.operations import SystemAlert
from schemas.records.rooms import ReservationState, RoomState
from tests.gateway.support import Running
from tests.patience import PATIENCE, patience, until


class Pipe:
    """A transport whose room the test decides."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.room = asyncio.Event()
        self.room.set()
        self.heard = asyncio.Event()

    def write(self, events: list[Event], wire: bytes) -> bool:
        self.frames += [msgspec.json.decode(one.json) for one in events]
        self.heard.set()
        return self.room.is_set()

    def control(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)

    async def ready(self) -> None:
        await self.room.wait()

    def requests(self) -> list[str]:
        return [
            one["d"]["causation_id"] for one in self.frames if one.get("type") == "service_request_updated"
        ]

    async def until(self, wanted: list[str]) -> None:
        """Waits for these requests, in this order and no others."""
        async with patience():
            while len(self.requests()) < len(wanted):
                self.heard.clear()
                await self.heard.wait()
        assert self.requests() == wanted


def admin(own: str, role: Any = "admin") -> Claims:
    return Claims("a", role, own, "A", "101" if role == "guest" else None, None, (), 0, 1 << 50, "t")


@pytest.fixture
async def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
async def feed(gateway: Running, pipe: Pipe) -> AsyncIterator[Feed]:
    one = Feed(gateway.live, admin("feed" + new_id()[-6:]), pipe)
    yield one
    await one.close()


async def ask(gateway: Running, own: str, count: int) -> list[str]:
    ids = [new_id() for _ in range(count)]
    for one in ids:
        await gateway.request(own, one)
    return ids


async def test_with_no_room_it_stops_and_with_room_it_goes_on_from_the_log(
    gateway: Running, feed: Feed, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So few that the ring has let go what comes next: it is read from Kafka.
    monkeypatch.setattr(ring, "RING_EVENTS", 4)
    own = feed.claims.property_id
    feed.subscribe(f"ops:{own}", None)
    assert "snapshot" in pipe.frames[0]
    first = await ask(gateway, own, 1)
    await pipe.until(first)
    pipe.room.clear()
    second = await ask(gateway, own, 1)
    await pipe.until(first + second)
    third = await ask(gateway, own, 5)
    heard = await gateway.live.answers.wait(own, third[-1], 10)
    assert heard is not None
    assert pipe.requests() == first + second, "nothing is kept for who has no room"
    said = new_id()
    alert = SystemAlert(
        event_id=said, property_id="*", kind="lag", part="sink", sentence="It is behind.", at=1 << 50
    )
    await send(gateway.producer, gateway.settings, topics.SYSTEM, "*", alert)
    await until(lambda: said in [one.event_id for one in gateway.live.model.of("*").system_alerts])
    pipe.room.set()
    await pipe.until(first + second + third)
    await until(lambda: feed.current)
    told = [one["event_id"] for one in pipe.frames[-1].pop("system_alerts")]
    assert told[-1:] == [said], "what a watchdog said to the whole group meanwhile"
    assert pipe.frames[-1] | {"cur": ""} == {
        "t": "subbed", "ch": f"ops:{own}", "cur": "", "recovered": True, "online": [],
    }, "who came and went meanwhile"  # fmt: skip
    assert feed.count == len([one for one in pipe.frames if one["t"] == "ev"])


async def test_a_piece_never_ends_between_the_copies_of_one_event(
    gateway: Running, feed: Feed, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "PIECE_BYTES", 1)
    own = feed.claims.property_id
    begin, ids = gateway.live.hub.cursor(own), await ask(gateway, own, 3)
    assert await gateway.live.answers.wait(own, ids[-1], PATIENCE) is not None
    feed.resume([f"ops:{own}", f"room:{own}:101"], begin)
    await pipe.until([one for one in ids for _ in range(2)])


async def test_less_of_a_token_hears_less_and_a_left_channel_nothing(
    gateway: Running, feed: Feed, pipe: Pipe
) -> None:
    own = feed.claims.property_id
    for name in (f"ops:{own}", f"room:{own}:101"):
        feed.subscribe(name, None)
    feed.claims = admin(own, "guest")
    assert feed.recheck() == [f"ops:{own}"]
    await pipe.until(await ask(gateway, own, 1))
    assert {one["ch"] for one in pipe.frames if one["t"] == "ev"} == {f"room:{own}:101"}
    feed.unsubscribe(f"room:{own}:101")
    before = list(pipe.frames)
    (last,) = await ask(gateway, own, 1)
    assert await gateway.live.answers.wait(own, last, 10) is not None
    assert pipe.frames == before


async def test_a_guest_hears_nothing_of_who_was_in_the_room_before(gateway: Running, pipe: Pipe) -> None:
    own = "room" + new_id()[-6:]
    before = gateway.live.hub.cursor(own)
    room, hotel = f"room:{own}:101", gateway.live.model.of(own)
    (earlier,) = await ask(gateway, own, 1)
    assert await gateway.live.answers.wait(own, earlier, PATIENCE) is not None
    await asyncio.sleep(0.005)  # times are of milliseconds
    hotel.rooms["101"] = RoomState(room_id="101", changed_at={"stay": int(time.time() * 1000)})
    feed, desk = Feed(gateway.live, admin(own, "guest"), pipe), Pipe()
    staff = Feed(gateway.live, admin(own), desk)
    try:
        feed.subscribe(room, before)
        staff.subscribe(room, before)
        await desk.until([earlier])
        (later,) = await ask(gateway, own, 1)
        await pipe.until([later])
        feed.claims = replace(admin(own, "guest"), reservation_id="s")
        hotel.reservations["s"] = ReservationState(reservation_id="s", status="checked_out")
        assert feed.recheck() == [room], "and nothing of who comes after"
    finally:
        await feed.close()
        await staff.close()


async def test_whose_stay_is_over_hears_of_fire_and_of_no_pool(gateway: Running, pipe: Pipe) -> None:
    own = "over" + new_id()[-6:]
    hub, hotel, house = gateway.live.hub, gateway.live.model.of(own), (f"property:{own}",)
    feed = Feed(gateway.live, replace(admin(own, "guest"), reservation_id="s"), pipe)
    told: list[EventType] = ["announcement", "emergency_alert"]

    def heard() -> list[str]:
        pipe.frames.clear()
        for kind in told:
            hub.signal(own, Said(kind, house, "x", 1, 0, {}))
        hub.flush()
        return [one["type"] for one in pipe.frames]

    try:
        feed.subscribe(house[0], None)
        for status, kinds in (("in_house", told), ("checked_out", told[1:])):
            hotel.reservations["s"] = ReservationState(reservation_id="s", status=status)  # type: ignore[arg-type]  # a Literal by its text
            assert heard() == kinds
    finally:
        await feed.close()


async def test_a_cursor_of_another_hotel_or_of_nobody_is_a_reset(
    gateway: Running, feed: Feed, pipe: Pipe
) -> None:
    own = feed.claims.property_id
    for cursor in (gateway.live.hub.cursor("other"), "x" * 5_000, "é"):
        feed.subscribe(f"ops:{own}", cursor)
        assert pipe.frames[-1]["reset"] is True


async def test_a_cursor_ahead_of_the_log_is_a_reset_in_the_end(
    gateway: Running, feed: Feed, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.feed.AHEAD_SECONDS", 0.05)
    own, hub = feed.claims.property_id, gateway.live.hub
    ahead = hub.cursors.encode(own, tuple((offset + 9, 0) for offset, _ in hub.vector(own)))
    feed.subscribe(f"property:{own}", ahead)
    await until(lambda: pipe.frames[-1].get("reset"))


async def test_whom_the_log_could_not_be_told_is_reset_and_hears_on(
    gateway: Running, feed: Feed, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(ring, "RING_EVENTS", 1)
    monkeypatch.setattr(History, "since", broken)
    own = feed.claims.property_id
    begin, ids = gateway.live.hub.cursor(own), await ask(gateway, own, 2)
    assert await gateway.live.answers.wait(own, ids[-1], PATIENCE) is not None
    feed.subscribe(f"ops:{own}", begin)
    await until(lambda: pipe.frames[-1].get("reset"))
    await pipe.until(await ask(gateway, own, 1))


async def test_a_record_that_cannot_be_told_again_is_left_out_and_the_rest_comes(
    gateway: Running, feed: Feed, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "RING_EVENTS", 1)
    own, real = feed.claims.property_id, history.told_again
    begin, ids = gateway.live.hub.cursor(own), await ask(gateway, own, 5)
    assert await gateway.live.answers.wait(own, ids[-1], PATIENCE) is not None

    def poison(model: ReadModel, record: Any, *more: Any) -> list[Said]:
        if record.causation_id == ids[1]:
            raise KeyError("an entity nobody knows")
        return real(model, record, *more)

    monkeypatch.setattr(history, "told_again", poison)
    feed.subscribe(f"ops:{own}", begin)
    await pipe.until([ids[0], *ids[2:]])


async def test_what_is_not_ones_own_is_refused_before_anything_is_heard(feed: Feed, pipe: Pipe) -> None:
    own = feed.claims.property_id
    for name in ("ops:other", "thread:none", "nothing"):
        with pytest.raises(Refused):
            feed.resume([f"ops:{own}", name], None)
    with pytest.raises(Refused) as many:
        feed.resume([f"room:{own}:{n}" for n in range(201)], None)
    assert many.value.code == "too_many_channels"
    assert pipe.frames == []
