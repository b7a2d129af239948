"""What the settings bound is bounded by every way, with the code that the page names, and told ahead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from socket import IPPROTO_TCP, TCP_NOTSENT_LOWAT
from typing import Any

import pytest
import pytest_asyncio
import socketio

from gateway.bounds import Bounds
from gateway.client import Client as PythonClient
from gateway.client import Refused
from gateway.socket import Socket
from infra.runtime.settings import Settings
from schemas.ids import new_id
from tests.gateway.support import Client, Running, client, running, token
from tests.patience import patience, until

SMALL = {
    "gateway_frame_bytes": 8 * 1024,
    "gateway_frames": 3,
    "gateway_channels": 4,
    "gateway_person_sockets": 2,
    "gateway_subscriptions": 12,
    "gateway_unsent_bytes": 16 * 1024,
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small(kafka: str) -> AsyncIterator[Running]:
    """A gateway with little room."""
    async with running(kafka, **SMALL) as one:
        yield one


def rooms(own: str, count: int, first: int = 0) -> list[str]:
    return [f"room:{own}:{number}" for number in range(first, first + count)]


async def closed(one: Client, code: int) -> None:
    async with patience():
        await one.ws.wait_closed()
    assert one.ws.close_code == code


def test_what_is_told_is_what_is_set() -> None:
    assert Bounds.of(Settings()) == Bounds(), "one default, not two"
    told = Bounds.of(Settings(**SMALL)).told()
    assert (told["frame_bytes"], told["frames"], told["channels"]) == (8 * 1024, 3, 4)


async def test_a_message_and_its_frames(small: Running) -> None:
    own = "small" + new_id()[-6:]
    async with client(small, token("admin", own)) as one:
        assert (await one.hear("welcome"))["limits"] == small.live.bounds.told()
        await one.ws.send("[" + ",".join(['{"t":"ping"}'] * 3) + "]")
        for _ in range(3):
            await one.hear("pong")
        await one.ws.send("[" + ",".join(['{"t":"ping"}'] * 4) + "]")
        await closed(one, 4400)
    async with client(small, token("admin", own, sub="other")) as one:
        await one.say("ping", padding="x" * 7 * 1024)
        await one.hear("pong")
        await one.say("ping", padding="x" * 8 * 1024)
        await closed(one, 4413)


async def test_channels_by_every_way(small: Running) -> None:
    own = "small" + new_id()[-6:]
    mine = token("admin", own)
    async with client(small, mine, resume=dict.fromkeys(rooms(own, 4))) as one:
        for _ in range(4):
            await one.hear("subbed")
        await one.say("sub", ch=rooms(own, 5)[-1])
        assert (await one.hear("nack"))["code"] == "too_many_channels"
    async with client(small, mine, resume=dict.fromkeys(rooms(own, 6))) as one:
        for _ in range(4):
            await one.hear("subbed")
        refused = [await one.hear("nack") for _ in range(2)]
        assert [(no["id"], no["code"]) for no in refused] == [
            (room, "too_many_channels") for room in rooms(own, 6)[4:]
        ], "who came from a gateway with more room keeps what there is room for"
    async with small.web(headers={"Authorization": f"Bearer {mine}"}) as web:
        for poll in ("0", "1"):
            found = await web.get("/api/websocket/events", params={"ch": rooms(own, 5), "poll": poll})
            assert (found.status_code, found.json()["error"]["code"]) == (400, "too_many_channels")
    emits, said = socketio.AsyncClient(reconnection=False), list[dict[str, Any]]()
    emits.on("connect_error", said.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await emits.connect(small.url, auth={"token": mine, "channels": rooms(own, 5)})
    assert "At most 4 channels" in said[0]["message"]


async def test_what_all_hear_together_is_put_off_not_refused_for_good(small: Running) -> None:
    own = "small" + new_id()[-6:]
    async with (
        client(small, token("admin", own, sub="ann"), resume=dict.fromkeys(rooms(own, 4))) as ann,
        client(small, token("admin", own, sub="ben"), resume=dict.fromkeys(rooms(own, 4))) as ben,
        client(small, token("admin", own, sub="cat"), resume=dict.fromkeys(rooms(own, 4))) as cat,
        client(small, token("admin", own, sub="dan")) as dan,
    ):
        for each in (ann, ben, cat):
            for _ in range(4):
                await each.hear("subbed")
        await ann.say("sub", ch=rooms(own, 1)[0])
        await ann.hear("subbed")  # anew what it hears already is no more than before
        await dan.say("sub", ch=rooms(own, 1)[0])
        no = await dan.hear("nack")
        assert (no["code"], no["retry_after"]) == ("full", 5.0)
        await ben.say("unsub", ch=rooms(own, 1)[0])
        await until(lambda: small.live.hub.subscriptions == 11)
        await dan.say("sub", ch=rooms(own, 1)[0])
        await dan.hear("subbed")
    await until(lambda: small.live.hub.subscriptions == 0, "who has gone takes no room")


async def test_connections_of_one_person(small: Running) -> None:
    own = "small" + new_id()[-6:]
    mine = token("admin", own)
    async with client(small, mine) as first, client(small, mine) as second:
        for each in (first, second):
            await each.hear("welcome")
        async with client(small, mine) as third:
            await third.hear("welcome")
            await closed(first, 4409)


async def test_the_python_client_keeps_to_what_it_was_told(small: Running) -> None:
    own = "small" + new_id()[-6:]
    async with patience(), PythonClient(small.url, token("admin", own)) as one:
        await one.sub(rooms(own, 1)[0])
        with pytest.raises(Refused) as no:
            await one.send("chat.send", {"thread_id": "t", "text": "x" * 7_900})
        assert (no.value.status, no.value.code) == (413, "too_large")
        with pytest.raises(Refused) as other:
            await one.send("chat.send", {"thread_id": "t", "text": "x" * 7_000})
        assert other.value.code == "unknown_property", "it goes on, and the hotel is known to nobody"


async def test_how_much_a_client_may_leave_unread(small: Running) -> None:
    own = "small" + new_id()[-6:]
    async with client(small, token("admin", own)) as one:
        await one.hear("welcome")
        (socket,) = [one for one in small.live.sockets._open if one.claims.property_id == own]
        assert isinstance(socket, Socket)
        assert socket._wire.transport.get_write_buffer_limits() == (2 * 1024, 8 * 1024)
        raw = socket._wire.transport.get_extra_info("socket")
        assert raw.getsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT) == 8 * 1024, "and as much in the kernel"
