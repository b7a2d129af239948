"""Every bound that a hotel can set holds on every way in, below and above the default, as `welcome` says it.

What a refusal says is in docs/reference/protocol.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed

from gateway.claims import Claims
from gateway.client import Client as PythonClient
from gateway.client import Refused
from gateway.counted import Way
from gateway.errors import too_many
from gateway.limits import told
from gateway.peer import EMERGENCY
from gateway.protocol import Pub, nack
from gateway.state import State
from infra.runtime.settings import Settings
from schemas.ids import new_id
from schemas.records.settings import PropertySettings
from tests.gateway.support import Client, Running, client, running, token
from tests.gateway.test_emitter import Polling, event, in_
from tests.patience import patience, until

PATH = "/api/websocket/events"
# Rates so low that nothing comes back while a test asks.
TIGHT: dict[str, Any] = {
    "socket_frame_bytes": 16 * 1024, "socket_frames": 5, "socket_channels": 10,
    "socket_commands_waiting": 3, "socket_unsent_bytes": 16 * 1024,
    "person_sockets": 3, "person_channels": 15,
    "person_commands_per_s": 0.1, "person_commands_burst": 20, "person_emergencies_per_s": 0.1,
    "person_emergencies_burst": 2, "person_connects_per_s": 0.1, "person_connects_burst": 12,
    "person_reads_per_s": 0.1, "person_reads_burst": 12, "person_frames_per_s": 0.1,
    "person_frames_burst": 60,
}  # fmt: skip
WIDE: dict[str, Any] = {
    "socket_frame_bytes": 256 * 1024, "socket_frames": 300, "socket_channels": 250,
    "socket_commands_waiting": 100, "socket_unsent_bytes": 1024 * 1024,
    "person_sockets": 45, "person_channels": 300,
    "person_commands_per_s": 0.1, "person_commands_burst": 300, "person_emergencies_per_s": 0.1,
    "person_emergencies_burst": 9, "person_connects_per_s": 0.1, "person_connects_burst": 90,
    "person_reads_per_s": 0.1, "person_reads_burst": 320, "person_frames_per_s": 0.1,
    "person_frames_burst": 1_500,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[TIGHT, WIDE], ids=["tight", "wide"])
async def set_(kafka: str, request: pytest.FixtureRequest) -> AsyncIterator[Running]:
    """A gateway whose bounds are set."""
    async with running(kafka, **request.param) as one:
        yield one


@pytest.fixture
def own(set_: Running) -> str:
    """A hotel of its own: people's rates are whole."""
    name = "bound" + new_id()[-6:]
    house = PropertySettings(name="B", time_zone="UTC", currency="EUR", departments=["x"])
    set_.live.model.of(name).property = house
    return name


async def limits_of(one: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await one.hear("welcome"))["limits"]
    return found


async def closed(one: Client) -> int:
    """The code the server closes with."""
    with pytest.raises(ConnectionClosed):
        await one.hear("never")
    assert one.ws.close_code is not None
    return one.ws.close_code


def web(gateway: Running, own: str, role: str = "admin", **more: Any) -> httpx.AsyncClient:
    return gateway.web(headers={"Authorization": "Bearer " + token(role, own, **more)})


def rooms(own: str, count: int, first: int = 0) -> list[str]:
    return [f"room:{own}:{first + number}" for number in range(count)]


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_welcome_says_what_is_set(set_: Running, own: str) -> None:
    async with client(set_, token("admin", own)) as one:
        limits = await limits_of(one)
    assert limits == told(set_.settings) != told(Settings())
    assert {kind: tuple(rate.values()) for kind, rate in limits["rates"].items()} == set_.live.limits.rates


async def test_a_message_is_so_long_at_most(set_: Running, own: str) -> None:
    async with client(set_, token("admin", own)) as one:
        most = (await limits_of(one))["frame_bytes"]
        await one.ws.send('{"t":"ping"}'.ljust(most))
        await one.hear("pong")
        await one.ws.send('{"t":"ping"}'.ljust(most + 1))
        assert await closed(one) == 4413
    async with client(set_, token("admin", own)) as one:
        await one.ws.send(" " * (2 * most + 1))
        assert await closed(one) == 4413, "so long that nobody took it whole"
    async with in_(set_, {"token": token("admin", own)}) as ws:
        await ws.send('42["ping"]'.ljust(most))
        await event(ws, "pong")
        await ws.send('42["ping"]'.ljust(most + 1))
        assert (await event(ws, "nack"))["code"] == "too_large"
    async with set_.web() as nobody:
        poller = Polling(nobody)
        assert await poller.opens() == most
        assert (await poller.post("40".ljust(most + 1))).status_code == 413
    async with web(set_, own) as http:
        assert (await http.post(PATH, content=b" " * most)).status_code == 400
        assert error(await http.post(PATH, content=b" " * (most + 1))) == (413, "too_large")


async def test_so_many_frames_come_in_one_message(set_: Running, own: str) -> None:
    async with client(set_, token("admin", own)) as one:
        most = (await limits_of(one))["frames"]
        await one.ws.send(msgspec.json.encode([{"t": "ping"}] * most).decode())
        for _ in range(most):
            await one.hear("pong")
        await one.ws.send(msgspec.json.encode([{"t": "ping"}] * (most + 1)).decode())
        assert (await closed(one), one.ws.close_reason) == (4400, f"1 to {most} frames at once")


async def test_a_connection_hears_so_many_channels(set_: Running, own: str) -> None:
    most = set_.settings.socket_channels
    names = rooms(own, most + 1)
    async with client(set_, token("admin", own), resume=dict.fromkeys(names)) as one:
        assert (await limits_of(one))["channels"] == most
        found = [await one.hear("subbed", "nack") for _ in names]
        assert [frame.get("ch") for frame in found[:-1]] == names[:-1]
        assert (found[-1]["id"], found[-1]["code"]) == (names[-1], "too_many_channels")
        await one.say("unsub", ch=names[0])
        await one.say("sub", ch=names[-1])
        assert (await one.hear("subbed", "nack"))["t"] == "subbed", "another one was left"
    async with in_(set_, {"token": token("admin", own, sub="cid"), "channels": names}) as ws:
        assert [(await event(ws, "subbed"))["ch"] for _ in names[:-1]] == names[:-1]
        no = await event(ws, "nack")
        assert (no["id"], no["code"]) == (names[-1], "too_many_channels")
    for poll in (0, 1):
        async with (
            web(set_, own, sub="ben") as http,
            http.stream("GET", PATH, params={"ch": [*names, names[0]], "poll": poll}) as answer,
        ):
            assert answer.status_code == 200
            text = ""
            async with patience():
                async for piece in answer.aiter_text():
                    text += piece
                    if text.count('"t":"nack"') and text.count('"t":"subbed"') == most:
                        break
            assert text.count("too_many_channels") == 1
            no = nack(names[-1], "too_many_channels", too_many(most).message)
            assert msgspec.json.encode(no).decode() in text
            too_long = await http.get(PATH, params={"ch": names[:1] * 1_001})
            assert error(too_long) == (400, "too_many_channels")


async def test_a_python_client_keeps_to_the_bounds_of_its_gateway(set_: Running, own: str) -> None:
    most, channels = set_.settings.socket_frame_bytes, set_.settings.socket_channels
    mine = token("admin", own)
    async with PythonClient(set_.url, mine) as one:
        for name in rooms(own, channels):
            await one.sub(name)
        with pytest.raises(Refused, match="At most"):
            await one.sub(f"property:{own}")
        before = one.connections
        with pytest.raises(Refused) as no:
            await one.send("chat.send", {"thread_id": "none", "text": "x" * most})
        assert no.value.code == "too_large"
        with pytest.raises(Refused) as no:
            await one.send("chat.send", {"thread_id": "none", "text": "x" * (most - 1_000)})
        assert no.value.code != "too_large", "the gateway took it and looked at it"
        assert one.connections == before, "nothing ended it"


async def test_a_person_hears_so_many_channels_over_all_connections(set_: Running, own: str) -> None:
    each, most = set_.settings.socket_channels, set_.settings.person_channels
    other = dict.fromkeys(rooms(own, 1))
    async with (
        client(set_, token("admin", own), resume=dict.fromkeys(rooms(own, each))) as one,
        client(set_, token("admin", own), resume=dict.fromkeys(rooms(own, most - each))) as two,
    ):
        for own_client, count in ((one, each), (two, most - each)):
            for _ in range(count):
                await own_client.hear("subbed")
        await two.say("sub", ch=f"ops:{own}")
        no = await two.hear("subbed", "nack")
        assert (no["code"], no["retry_after"]) == ("too_many_channels", 10.0)
        async with web(set_, own) as http:
            for poll in (0, 1):
                answer = await http.get(PATH, params={"ch": f"ops:{own}", "poll": poll})
                assert error(answer) == (429, "too_many_channels")
                assert answer.headers["Retry-After"] == "10"
        async with in_(set_, {"token": token("admin", own), "channels": [f"ops:{own}"]}) as ws:
            no = await event(ws, "nack")
            assert (no["id"], no["code"]) == (f"ops:{own}", "too_many_channels")
        async with client(set_, token("admin", own, sub="ben"), resume=other) as ben:
            await ben.hear("subbed")
        await two.say("sub", ch=rooms(own, 1)[0])
        assert (await two.hear("subbed", "nack"))["t"] == "subbed", "it hears that one already"
        await two.say("unsub", ch=rooms(own, 1)[0])
        await two.say("sub", ch=f"ops:{own}")
        assert (await two.hear("subbed", "nack"))["t"] == "subbed"
    await until(lambda: (own, "admin-1") not in set_.live.listening._people, "who left is counted")


async def test_a_gateway_hears_so_many_channels(
    set_: Running, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_.live.listening, "most", set_.live.listening._all)
    async with client(set_, token("admin", own), resume={f"ops:{own}": None}) as one, web(set_, own) as http:
        no = await one.hear("subbed", "nack")
        assert (no["id"], no["code"], no["retry_after"]) == (f"ops:{own}", "busy", 10.0)
        assert error(await http.get(PATH, params={"ch": f"ops:{own}"})) == (503, "busy")


async def test_a_person_has_so_many_connections(set_: Running, own: str) -> None:
    async with AsyncExitStack() as stack:
        mine = [
            await stack.enter_async_context(client(set_, token("admin", own)))
            for _ in range(set_.settings.person_sockets)
        ]
        most = [(await limits_of(one))["person_sockets"] for one in mine]
        assert most == [len(mine)] * len(mine)
        await stack.enter_async_context(client(set_, token("admin", own)))
        assert await closed(mine[0]) == 4409
        await mine[1].say("ping")
        await mine[1].hear("pong")


async def test_a_socket_keeps_so_much_unsent(set_: Running, own: str) -> None:
    async with client(set_, token("admin", own)) as one:
        most = (await limits_of(one))["unsent_bytes"]
        (mine,) = [found for found in set_.live.sockets._open if found.claims.property_id == own]
        wire = mine._wire  # type: ignore[attr-defined]  # of a Socket
        assert wire.transport.get_write_buffer_limits() == (most // 8, most // 2)


async def test_so_many_commands_wait_and_a_call_for_help_does_not(
    set_: Running, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = asyncio.Event()

    async def publish(_: State, __: Claims, pub: Pub, ___: Way) -> dict[str, Any]:
        if pub.cmd != EMERGENCY:
            stuck.set()
            await asyncio.Event().wait()
        return {"t": "ack", "id": pub.id, "cur": ""}

    monkeypatch.setattr("gateway.peer.publish", publish)
    async with client(set_, token("staff", own)) as one:
        most = (await limits_of(one))["commands_waiting"]
        await one.say("pub", id="under way", cmd="any")
        async with patience():
            await stuck.wait()
        for number in range(most + 1):
            await one.say("pub", id=f"c{number}", cmd="any")
        await one.say("pub", id="help", cmd=EMERGENCY)
        no = await one.hear("ack", "nack")
        assert (no.get("code"), no["id"], no["retry_after"]) == ("rate_limited", f"c{most}", 1.0)
        assert (await one.hear("ack", "nack"))["id"] == "help"


async def test_a_person_asks_so_often_by_each_kind(set_: Running, own: str) -> None:
    rates = told(set_.settings)["rates"]
    alarm = {"cmd": "alerts.raise_emergency", "d": {"kind": "fire", "location": "bar"}}
    async with web(set_, own, role="staff") as http:

        async def statuses(count: float, ask: Any) -> list[int]:
            return [(await ask(number)).status_code for number in range(int(count) + 1)]

        async def say(number: int) -> httpx.Response:
            return await http.post(PATH, json={"id": f"c{number}", "cmd": "services.accept", "d": {}})

        async def call(number: int) -> httpx.Response:
            return await http.post(PATH, json=alarm | {"id": f"a{number}"})

        found = await statuses(rates["command"]["burst"], say)
        assert (429 in found[:-1], found[-1]) == (False, 429)
        found = await statuses(rates["emergency"]["burst"], call)
        assert found == [200] * (len(found) - 1) + [429], "they have a rate of their own, and it is bounded"
        found = await statuses(rates["read"]["burst"], lambda _: http.get("/api/auth/me"))
        assert found == [200] * (len(found) - 1) + [429]
    async with client(set_, token("staff", own, sub="ben")) as one:
        await one.hear("welcome")
        for _ in range(int(rates["frame"]["burst"]) + 1):
            await one.say("ping")
        assert await closed(one) == 4029
    for _ in range(int(rates["connect"]["burst"])):
        async with client(set_, token("staff", own, sub="cid")) as one:
            await one.hear("welcome")
    async with client(set_, token("staff", own, sub="cid")) as one:
        assert await closed(one) == 4029
