"""The real socket.io-client on a real gateway: what it hears, says, misses and may not."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import socketio

from schemas.ids import new_id
from tests.fixtures_kafka import free_ports
from tests.gateway.client.support import wire
from tests.gateway.client.test_client import furnished
from tests.gateway.stock import Stock, stock
from tests.gateway.support import Running, process, token
from tests.patience import patience, until

WAYS = [["websocket"], ["polling"], ["polling", "websocket"]]


async def requests(one: Stock, count: int) -> list[str]:
    """The ids of the next so many requests."""
    found = [await one.event("service_request_updated") for _ in range(count)]
    return [event["d"]["causation_id"] for event in found]


@pytest.mark.parametrize("transports", WAYS)
async def test_it_hears_and_what_it_missed_comes_by_its_own_recovery(
    gateway: Running, transports: list[str]
) -> None:
    own, ids = "sio" + new_id()[-6:], [new_id() for _ in range(6)]
    auth = {"token": token("admin", own), "channels": [f"ops:{own}", f"room:{own}:101"]}
    async with stock(gateway.url, auth, transports=transports) as one:
        assert (await one.hear("connect"))[1] is False
        assert (await one.event("welcome"))["heartbeat"] > 0
        assert "snapshot" in await one.event("subbed")
        while one.transport != transports[-1]:
            await one.hear("upgrade")
        for request_id in ids[:2]:
            await gateway.request(own, request_id)
        both = [request_id for request_id in ids for _ in range(2)]
        assert await requests(one, 4) == both[:4], "once on each of its channels"
        await one.tell(drop=True)
        await one.hear("disconnect")
        for request_id in ids[2:4]:
            await gateway.request(own, request_id)
        assert (await one.hear("connect"))[1] is True, "recovered"
        for request_id in ids[4:]:
            await gateway.request(own, request_id)
        assert await requests(one, 8) == both[4:]


@pytest.mark.parametrize("transports", WAYS)
async def test_over_broken_lines_each_event_comes_once_and_in_order(
    gateway: Running, transports: list[str]
) -> None:
    own, ids = "sio" + new_id()[-6:], [new_id() for _ in range(40)]
    auth = {"token": token("admin", own), "channels": [f"ops:{own}"]}
    async with wire(gateway.port) as line, stock(line.url, auth, transports=transports) as one:
        await one.event("subbed")
        for number, request_id in enumerate(ids):
            await gateway.request(own, request_id)
            if number % 8 == 5:
                line.cut()
        assert await requests(one, len(ids)) == ids
        assert line.connections > 3
        last = new_id()
        await gateway.request(own, last)
        assert await requests(one, 1) == [last], "and nothing twice"


async def test_the_id_of_a_session_is_in_no_log(gateway: Running, caplog: pytest.LogCaptureFixture) -> None:
    auth = {"token": token("admin", "sio" + new_id()[-6:])}
    with caplog.at_level("INFO", "uvicorn.error"):
        async with stock(gateway.url, auth, transports=WAYS[2]) as one:
            while one.transport != "websocket":
                await one.hear("connect", "upgrade")
            await one.ask("ping")
    assert "[accepted]" in caplog.text
    assert "sid=" not in caplog.text
    assert auth["token"] not in caplog.text


async def test_one_that_missed_what_another_gateway_told_goes_on_there(
    gateway: Running, second: Running
) -> None:
    own, ids = "sio" + new_id()[-6:], [new_id() for _ in range(3)]
    ops = f"ops:{own}"
    auth = {"token": token("admin", own), "channels": [ops]}
    async with stock(gateway.url, auth, transports=["websocket"]) as one:
        await one.event("subbed")
        await gateway.request(own, ids[0])
        event = await one.event("service_request_updated")
    for request_id in ids[1:]:
        await gateway.request(own, request_id)
    for offset in (event["cur"], {ops: event["cur"]}):
        async with stock(second.url, auth | {"offset": offset}, transports=["websocket"]) as one:
            assert (await one.event("subbed"))["recovered"] is True
            assert await requests(one, 2) == ids[1:]
    async with stock(second.url, auth | {"offset": "forged"}, transports=["websocket"]) as one:
        assert (await one.event("subbed"))["reset"] is True
    async with stock(second.url, auth | {"channels": []}, transports=["websocket"]) as one:
        await one.hear("connect")
        (answer,) = await one.ask("sub", ops, event["cur"])
        assert (answer["t"], answer["recovered"]) == ("subbed", True)
        assert await requests(one, 2) == ids[1:]
        assert await one.ask("unsub", ops) == []
        (answer,) = await one.ask("sub", {"ch": ops})
        assert len(answer["snapshot"]["requests"]) == 3


@pytest.mark.parametrize("transports", WAYS)
async def test_a_chat_message_is_acked_and_heard_once(gateway: Running, transports: list[str]) -> None:
    own = "sio" + new_id()[-6:]
    await furnished(gateway, own)
    anna = {"token": token("staff", own, sub="anna", departments=["front_desk"])}
    ben = {"token": token("staff", own, sub="ben"), "channels": ["user:ben"]}
    async with (
        stock(gateway.url, anna, transports=transports) as one,
        stock(gateway.url, ben, transports=transports) as other,
    ):
        await other.event("subbed")
        opening = {"id": new_id(), "cmd": "chat.open", "d": {"kind": "staff", "members": ["ben"]}}
        (answer,) = await one.ask("pub", opening)
        assert (answer["t"], answer["id"]) == ("ack", opening["id"])
        thread = (await other.event("thread_updated"))["d"]["thread_id"]
        assert (await other.ask("sub", f"thread:{thread}"))[0]["t"] == "subbed"
        for text in ("Hello <Ben> ✓", "Hello <Ben> ✓", "bye"):
            saying = {"id": text.encode().hex(), "cmd": "chat.send", "d": {"thread_id": thread, "text": text}}
            (answer,) = await one.ask("pub", saying)
            assert (answer["t"], answer["id"]) == ("ack", saying["id"])
        for text in ("Hello <Ben> ✓", "bye"):
            heard = await other.event("new_message")
            assert (heard["ch"], heard["d"]["text"]) == (f"thread:{thread}", text), "a repeat is acked again"
        await one.ask("sub", f"thread:{thread}")
        assert await other.ask("got", heard["cur"], heard["ch"]) == []
        delivered = await one.event("message_delivered")
        assert delivered["d"]["fact"]["message_id"] == heard["d"]["message_id"]
        (no,) = await one.ask("pub", {"id": new_id(), "cmd": "rooms.dance", "d": {}})
        assert (no["t"], no["code"]) == ("nack", "unknown_command")
        assert (await one.ask("pub", {"id": 7}))[0]["code"] == "malformed"
        assert (await one.ask("dance"))[0]["code"] == "unknown_kind"
        assert (await one.ask("ping", {"away": True}))[0]["t"] == "pong"


@pytest.mark.parametrize("transports", WAYS[:2])
async def test_who_is_refused_is_told_why(gateway: Running, transports: list[str]) -> None:
    forged, old = token()[:-6] + "AAAAAA", token(seconds=-60)
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "token_missing"),
        ({"token": forged}, "token_invalid"),
        ({"token": old}, "token_expired"),
        ({"channels": [1]}, "malformed"),
    ]
    for auth, code in cases:
        async with stock(gateway.url, auth, transports=transports) as one:
            _, message, data, active = await one.hear("connect_error")
            assert (data["error"]["code"], message, active) == (code, data["error"]["message"], False)
            await one.tell(auth={"token": token()})
            await one.tell(connect=True)
            await one.hear("connect")


async def test_a_guest_hears_no_foreign_channel_and_no_other_hotel(gateway: Running) -> None:
    own, other = "sio" + new_id()[-6:], "sio" + new_id()[-6:]
    foreign = [f"ops:{own}", f"room:{own}:102", f"room:{other}:101", "user:somebody"]
    auth = {"token": token("guest", own, room="101"), "channels": [f"room:{own}:101", *foreign]}
    theirs = {"token": token("admin", other), "channels": [f"room:{other}:101", f"ops:{other}"]}
    async with (
        stock(gateway.url, auth, transports=["websocket"]) as guest,
        stock(gateway.url, theirs, transports=["websocket"]) as boss,
    ):
        assert [(await guest.event("nack"))["id"] for _ in foreign] == foreign
        for name in foreign:
            (no,) = await guest.ask("sub", name)
            assert (no["id"], no["code"]) == (name, "forbidden")
        assert {(await boss.event("subbed"))["ch"] for _ in range(2)} == set(theirs["channels"])
        mine, yours = new_id(), new_id()
        await gateway.request(other, yours)
        await gateway.request(own, new_id(), room="102")
        await gateway.request(own, mine)
        assert await requests(guest, 1) == [mine]
        assert await requests(boss, 2) == [yours, yours]
        await gateway.request(other, new_id())
        assert mine not in await requests(boss, 2)


@pytest.mark.parametrize("transports", WAYS[:2])
async def test_a_revoked_token_ends_what_is_open_and_is_not_let_in_again(
    gateway: Running, transports: list[str]
) -> None:
    own = "sio" + new_id()[-6:]
    auth = {"token": token("staff", own, sub="anna"), "channels": [f"staff:{own}"]}
    async with stock(gateway.url, auth, transports=transports) as one, gateway.web() as web:
        await one.event("subbed")
        body = {"property_id": own, "kind": "user", "id": "anna"}
        head = {"Authorization": "Bearer " + token("admin", "*")}
        assert (await web.post("/api/auth/revoke", json=body, headers=head)).status_code == 200
        assert (await one.event("nack"))["code"] == "revoked"
        assert await one.hear("disconnect") == ["disconnect", "io server disconnect", False]
        await one.tell(auth={"token": token("staff", own, sub="anna", iat=1)})
        await one.tell(connect=True)
        assert (await one.hear("connect_error"))[2]["error"]["code"] == "revoked"


async def test_a_token_ends_and_may_be_renewed_in_place(gateway: Running) -> None:
    own = "sio" + new_id()[-6:]
    async with stock(gateway.url, {"token": token("admin", own, seconds=3)}, transports=["websocket"]) as one:
        await one.event("auth_expiring")
        (answer,) = await one.ask("auth", token("admin", own))
        assert answer["t"] == "authed"
        (answer,) = await one.ask("auth", token("guest", own, sub="admin-1"))
        assert answer["t"] == "authed"
        (no,) = await one.ask("sub", f"ops:{own}")
        assert no["code"] == "forbidden", "less may be heard with less of a token"
    async with stock(gateway.url, {"token": token("admin", own, seconds=2)}, transports=["websocket"]) as one:
        assert (await one.event("nack"))["code"] == "token_expired"
        assert (await one.hear("disconnect"))[2] is True, "it comes back by itself, for a new token"
        assert (await one.hear("connect_error"))[2]["error"]["code"] == "token_expired"
    async with stock(gateway.url, {"token": token("admin", own)}, transports=["websocket"]) as one:
        await one.hear("connect")
        await one.tell(emit=["auth", token("admin", own, sub="somebody")])
        assert (await one.hear("disconnect"))[1] == "io server disconnect"


async def test_who_is_there_is_seen_and_counted_and_leaves(gateway: Running) -> None:
    own = "sio" + new_id()[-6:]

    async def counted() -> str:
        async with gateway.web() as web:
            lines = (await web.get("/metrics")).text.splitlines()
        assert any('route="/socket.io/"' in line for line in lines)
        return next((line for line in lines if 'transport="socketio"' in line), "")

    async with stock(gateway.url, {"token": token("staff", own, sub="anna")}, transports=["polling"]) as one:
        await one.hear("connect")
        await until(lambda: [one["user_id"] for one in gateway.live.presence.online(own)] == ["anna"])
        assert not (await counted()).endswith(" 0.0")
        await one.tell(disconnect=True)
        await until(lambda: not gateway.live.presence.online(own), "nobody noticed")


async def test_clients_in_other_languages_speak_the_same(gateway: Running) -> None:
    own, request_id = "sio" + new_id()[-6:], new_id()
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def hear(*said: Any) -> None:
        await heard.put(said)

    client = socketio.AsyncClient()
    client.on("service_request_updated", hear)
    async with patience():
        await client.connect(gateway.url, auth={"token": token("admin", own)})
        try:
            assert (await client.call("sub", f"ops:{own}"))["t"] == "subbed"
            await gateway.request(own, request_id)
            (event,) = await heard.get()
            assert event["d"]["causation_id"] == request_id
            assert (await client.call("pub", {"id": "1", "cmd": "no.such"}))["t"] == "nack"
        finally:
            await client.disconnect()


async def test_at_sigterm_it_is_told_and_comes_back(gateway: Running, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    there = replace(gateway, port=port)
    own, ids = "sio" + new_id()[-6:], [new_id() for _ in range(2)]
    auth = {"token": token("admin", own), "channels": [f"ops:{own}"]}
    async with (
        process(gateway, tmp_path, port) as first,
        stock(there.url, auth, transports=["websocket"]) as one,
    ):
        await one.hear("connect")
        await one.event("subbed")
        await gateway.request(own, ids[0])
        assert await requests(one, 1) == ids[:1]
        first.send_signal(signal.SIGTERM)
        assert (await one.event("drain"))["jitter"] > 0
        assert (await one.hear("disconnect"))[2] is True
        await until(lambda: first.poll() is not None, "it never ended")
        await gateway.request(own, ids[1])
        async with process(gateway, tmp_path, port):
            assert (await one.hear("connect"))[1] is True, "recovered"
            assert await requests(one, 1) == ids[1:]
