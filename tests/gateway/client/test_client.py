"""The client on a real gateway: events, commands, drops, tokens."""

from __future__ import annotations

import asyncio

import pytest

from gateway.client import Client, Ended, Event, Refused
from gateway.client import client as shell
from schemas.ids import new_id
from tests.gateway.client.support import wire
from tests.gateway.support import Running, token
from tests.patience import patience

SETTINGS = {
    "property": {
        "name": "H", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": ["front_desk"],
    },
    "rooms": [{"room_id": "101", "room_type": "double", "floor": 1, "zone_id": "z"}],
}  # fmt: skip


async def next_request(hotel: Client) -> Event:
    """The next event about a request; who is online comes in between."""
    async with patience():
        async for event in hotel.events():
            if event.type == "service_request_updated":
                return event
    raise AssertionError


async def furnished(gateway: Running, own: str) -> None:
    async with Client(gateway.url, token("system", "*")) as office:
        await office.rest.post("/api/settings", {"property_id": own} | SETTINGS)


async def test_it_hears_everything_once_over_drops(gateway: Running) -> None:
    own, ids = "cl" + new_id()[-6:], [new_id() for _ in range(6)]
    async with wire(gateway.port) as line, Client(line.url, token("manager", own)) as hotel:
        await hotel.sub(f"ops:{own}")
        first = await anext(hotel.events())
        assert (first.type, first.ch, first.d) == ("snapshot", f"ops:{own}", {})  # nobody knows this hotel
        for number, one in enumerate(ids):
            if number % 2:
                line.cut()
            await gateway.request(own, one)
        found = [await next_request(hotel) for _ in ids]
        assert [event.d["causation_id"] for event in found] == ids
        assert not any(event.stale for event in found)
        assert line.connections > 1
        cursor = found[2].cur
    async with Client(gateway.url, token("manager", own)) as hotel:
        await hotel.sub(f"ops:{own}", cursor)
        again = [await next_request(hotel) for _ in ids[3:]]
    assert [event.d["causation_id"] for event in again] == ids[3:]


async def test_more_events_than_it_has_room_for_come_all_the_same(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "MOST_EVENTS", 5)
    monkeypatch.setattr(shell, "LEAST_EVENTS", 2)
    own, ids = "cl" + new_id()[-6:], [new_id() for _ in range(40)]
    async with Client(gateway.url, token("manager", own)) as hotel:
        await hotel.sub(f"ops:{own}")
        for one in ids:
            await gateway.request(own, one)
        found = [await next_request(hotel) for _ in ids]
        assert [event.d["causation_id"] for event in found] == ids


async def test_commands_are_kept_over_a_drop_and_said_once_in_order(gateway: Running) -> None:
    own = "cl" + new_id()[-6:]
    await furnished(gateway, own)
    desk = token("staff", own, sub="ana", departments=["front_desk"])
    async with wire(gateway.port) as line, Client(line.url, desk) as hotel:
        opened = {"kind": "staff", "subject": "s", "members": ["ana"]}
        thread = await hotel.rest.post("/api/chat/rooms", {"id": new_id(), "cmd": "open", "d": opened})
        sending = []
        for number in range(9):
            body = {"thread_id": thread["thread_id"], "text": str(number)}
            sending.append(asyncio.create_task(hotel.send("chat.send", body)))
            await asyncio.sleep(0)
            if number % 3 == 2:
                line.cut()
        assert len(set(await asyncio.gather(*sending))) == 9
        said = await hotel.rest.get("/api/chat/messages", thread_id=thread["thread_id"])
        assert [one["text"] for one in said["messages"]] == [str(number) for number in range(9)]
        assert line.connections > 1
        twice = {"thread_id": thread["thread_id"], "text": "once"}
        mine = new_id()
        assert await hotel.send("chat.send", twice, id=mine) == mine
        assert await hotel.send("chat.send", twice, id=mine) == mine
        said = await hotel.rest.get("/api/chat/messages", thread_id=thread["thread_id"])
        assert [one["text"] for one in said["messages"][9:]] == ["once"]


async def test_what_may_not_be_is_refused_and_the_client_lives(gateway: Running) -> None:
    own = "cl" + new_id()[-6:]
    await furnished(gateway, own)
    async with Client(gateway.url, token("guest", own, room="101")) as guest:
        with pytest.raises(Refused) as refused:
            await guest.sub(f"ops:{own}")
        assert refused.value.code == "forbidden"
        with pytest.raises(Refused) as refused:
            await guest.send("rooms.check_out", {"reservation_id": "R"})
        assert refused.value.code == "forbidden"
        with pytest.raises(Refused) as refused:
            await guest.rest.post("/api/settings", {"property_id": own})
        assert refused.value.status == 403
        await guest.sub(f"room:{own}:101")
        assert (await anext(guest.events())).type == "snapshot"


async def test_a_client_that_is_not_wanted_says_so_everywhere(gateway: Running) -> None:
    async with Client(gateway.url, "forged") as nobody:
        with pytest.raises(Ended) as ended:
            await nobody.sub("ops:h")
        assert ended.value.code == "token_invalid"
        with pytest.raises(Ended):
            await nobody.send("services.accept", {})
        for _ in range(2):
            with pytest.raises(Ended):
                await anext(nobody.events())


async def test_tokens_that_expire_are_renewed_without_a_gap(gateway: Running) -> None:
    own, made = "cl" + new_id()[-6:], 0

    async def fresh() -> str:
        nonlocal made
        made += 1
        if made == 2:
            raise OSError("the office is closed for a moment")
        return token("manager", own, seconds=1.5)

    async with Client(gateway.url, fresh) as hotel:
        await hotel.sub(f"ops:{own}")
        ids = []
        while made < 5:
            ids.append(new_id())
            await gateway.request(own, ids[-1])
            await asyncio.sleep(0.1)
        found = [await next_request(hotel) for _ in ids]
        assert [event.d["causation_id"] for event in found] == ids


async def test_leaving_ends_whoever_waits(gateway: Running) -> None:
    async with wire(1) as nowhere:
        async with Client(nowhere.url, token()) as hotel:
            waiting = asyncio.create_task(hotel.send("services.accept", {}))
            await asyncio.sleep(0)
        with pytest.raises(Ended):
            await waiting
