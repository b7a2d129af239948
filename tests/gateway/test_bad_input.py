"""Whatever comes in: a clear no to whom it came from, and nothing to anybody else."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import msgspec
import pytest
from aiokafka import TopicPartition
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway import commands, strangers
from gateway.buckets import Buckets
from gateway.outlet import write
from gateway.state import State
from infra.runtime.kafka import reader
from schemas import topics
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.records.operations import DeadLetter
from tests.gateway.support import Client, Running, client, running, token
from tests.gateway.test_door import from_there
from tests.patience import patience

DEEP = '{"t":"pub","id":"1","cmd":"x","d":' + '{"a":' * 5_000 + "1" + "}" * 5_001
HOUSE = {"name": "B", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": ["housekeeping"]}


@pytest.fixture(scope="module")
async def hotel(gateway: Running) -> str:
    own = "bad" + new_id()[-6:]
    head = {"Authorization": "Bearer " + token("system", "*")}
    async with gateway.web(headers=head) as web:
        made = await web.post("/api/settings", json={"property_id": own, "property": HOUSE})
        assert made.status_code == 200, made.text
    return own


@pytest.fixture
async def other(gateway: Running, hotel: str) -> AsyncIterator[None]:
    """Somebody else's socket, alive before and after."""
    async with client(gateway, token("staff", hotel, sub="else"), resume={f"staff:{hotel}": None}) as one:
        await one.hear("subbed")
        yield
        await one.say("ping")
        await one.hear("pong")


@pytest.mark.usefixtures("other")
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{", 4400),
        ('"hello"', 4400),
        ('{"t":7}', 4400),
        ('{"t":"hello","v":1}', 4400),
        (DEEP, 4400),
        (b"\x00\xff", 4400),
        ("x" * 70_000, 4413),
    ],
)
async def test_a_bad_frame_in_a_good_session_closes_that_one(
    gateway: Running, hotel: str, sent: str | bytes, code: int
) -> None:
    async with client(gateway, token("staff", hotel)) as one:
        await one.hear("welcome")
        await one.ws.send(sent)
        with pytest.raises(ConnectionClosed):
            await one.hear("never")
        assert one.ws.close_code == code


@pytest.mark.usefixtures("other")
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"t": "dance", "id": "7"}, "unknown_kind"),
        ({"t": "pub", "id": 7}, "malformed"),
        ({"t": "pub", "id": "", "cmd": "rooms.check_in"}, "malformed"),
        ({"t": "pub", "id": "a/b", "cmd": "rooms.check_in"}, "bad_id"),
        ({"t": "pub", "id": "7", "cmd": "no.such"}, "unknown_command"),
        ({"t": "pub", "id": "7", "cmd": "services.tick"}, "unknown_command"),
        ({"t": "pub", "id": "7", "cmd": "rooms.check_in", "d": {"reservation_id": 7}}, "invalid"),
        ({"t": "pub", "id": "7", "cmd": "chat.send", "d": {"thread_id": "t", "text": ""}}, "invalid"),
        ({"t": "pub", "id": "7", "cmd": "chat.send", "d": {"thread_id": "t", "text": "x"}}, "unknown_thread"),
        ({"t": "pub", "id": "7", "cmd": "chat.dance", "d": {}}, "unknown_command"),
        ({"t": "pub", "id": "7", "cmd": "alerts.acknowledge", "d": {"property_id": "other"}}, "forbidden"),
        ({"t": "pub", "id": "7", "cmd": "services.assign", "d": {}}, "forbidden"),
        ({"t": "sub", "ch": "staff:other"}, "forbidden"),
        ({"t": "sub", "ch": "thread:none"}, "forbidden"),
        ({"t": "sub", "ch": "nothing"}, "unknown_channel"),
    ],
)
async def test_what_cannot_be_is_answered_and_the_socket_lives(
    gateway: Running, hotel: str, frame: dict[str, Any], code: str
) -> None:
    async with client(gateway, token("staff", hotel, departments=["front_desk"])) as one:
        await one.say(**{"kind": frame["t"]} | {k: v for k, v in frame.items() if k != "t"})
        assert (await one.hear("nack"))["code"] == code
        await one.say("ping")
        await one.hear("pong")


async def test_a_guest_and_a_request_that_is_not_there(gateway: Running, hotel: str) -> None:
    async with client(gateway, token("guest", hotel, room="101")) as guest:
        await guest.say("pub", id=new_id(), cmd="services.cancel", d={"request_id": "none"})
        assert (await guest.hear("nack"))["code"] == "unknown_request"
    async with client(gateway, token("admin", "never-set-up")) as admin:
        await admin.say("pub", id=new_id(), cmd="rooms.check_in", d={"reservation_id": "r"})
        assert (await admin.hear("nack"))["code"] == "unknown_property"
    async with client(gateway, token("system", hotel)) as machine:
        await machine.say("sub", ch="thread:none")
        assert (await machine.hear("nack"))["code"] == "forbidden"


async def test_the_same_nos_over_rest(gateway: Running, hotel: str) -> None:
    async with gateway.web() as web:

        async def said(cmd: str, d: dict[str, Any], own: str = hotel) -> tuple[int, str]:
            head = {"Authorization": "Bearer " + token("guest", own, room="101")}
            body = {"id": new_id(), "cmd": cmd, "d": d}
            answer = await web.post("/api/websocket/events", json=body, headers=head)
            return answer.status_code, answer.json()["error"]["code"]

        assert await said("services.cancel", {"request_id": "none"}) == (404, "unknown_request")
        assert await said("chat.send", {"thread_id": "none", "text": "x"}) == (404, "unknown_thread")
        assert await said("services.cancel", {"request_id": "r"}, "never") == (404, "unknown_property")
        assert await said("dance", {}) == (400, "unknown_command")
        assert await said("staff.start_shift", {}) == (403, "forbidden")
        huge = await web.post(
            "/api/websocket/events", content=b" " * 70_000, headers={"Authorization": "Bearer " + token()}
        )
        assert huge.status_code == 413


async def test_a_token_in_the_address_is_none(gateway: Running) -> None:
    good = token()
    async with gateway.web() as web:
        for name in ("token", "access_token", "concierge_session"):
            assert (await web.get("/api/auth/me", params={name: good})).status_code == 401
            async with connect(f"{gateway.socket_url}?{name}={good}") as ws:
                await Client(ws).say("hello", v=1)
                with pytest.raises(ConnectionClosed):
                    await ws.recv()
                assert ws.close_code == 4401


async def test_a_cookie_opens_a_socket_for_our_own_pages_only(gateway: Running) -> None:
    cookie = {"Cookie": f"concierge_session={token()}"}
    for origin, welcome in ((gateway.url, True), ("https://evil.example", False), ("null", False)):
        async with gateway.socket(additional_headers=cookie, origin=origin) as ws:
            one = Client(ws)
            await one.say("hello", v=1)
            if welcome:
                await one.hear("welcome")
            else:
                with pytest.raises(ConnectionClosed):
                    await ws.recv()
                assert ws.close_code == 4401
    with pytest.raises(InvalidStatus):
        await connect(gateway.socket_url.replace("connection", "nothing"))


async def test_who_sends_without_end_is_sent_away_and_emergencies_have_a_rate_of_their_own(
    gateway: Running, hotel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gateway.live.limits.rates, "frame", (10.0, 200.0))
    async with client(gateway, token("staff", hotel, sub="flood")) as one:
        for number in range(70):
            await one.say("pub", id=f"c{number}", cmd="rooms.check_in", d={"reservation_id": 7})
        while (await one.hear("nack"))["code"] != "rate_limited":
            pass
        alarm = {"kind": "medical", "location": "bar", "note": ""}
        await one.say("pub", id="alarm", cmd="alerts.raise_emergency", d=alarm)
        assert (await one.hear("ack"))["id"] == "alarm", (
            "no flood of clicks keeps an emergency from being sent"
        )
        for number in range(6):
            await one.say("pub", id=f"alarm{number}", cmd="alerts.raise_emergency", d=alarm)
        while (nack := await one.hear("nack"))["id"] != "alarm5":
            pass
        assert nack["retry_after"] > 0
        with suppress(ConnectionClosed):
            while True:
                await one.say("got", cur="x")
        assert one.ws.close_code == 4029


async def test_a_noisy_one_keeps_nobody_else_waiting(
    gateway: Running, hotel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has buckets, a queue and a publisher of their own: with one stuck the other is acked."""
    stuck, released = asyncio.Event(), asyncio.Event()

    async def slow(live: State, topic: topics.Topic, property_id: str, record: Any) -> object:
        if record.actor_id == "noisy":
            stuck.set()
            await released.wait()
        return await write(live, topic, property_id, record)

    monkeypatch.setattr(commands, "write", slow)
    mark = {"ids": [], "status": "read"}
    async with (
        client(gateway, token("staff", hotel, sub="noisy")) as noisy,
        client(gateway, token("staff", hotel, sub="quiet")) as quiet,
    ):
        await noisy.hear("welcome")
        for start in range(0, 300, 100):
            frames = [
                {"t": "pub", "id": f"n{start + n}", "cmd": "notifications.mark", "d": mark}
                for n in range(100)
            ]
            await noisy.ws.send(msgspec.json.encode(frames).decode())
        async with patience():
            await stuck.wait()
        assert (await noisy.hear("nack"))["code"] == "rate_limited", "its own queue is full"
        for n in range(int(gateway.settings.person_commands_burst)):
            await quiet.say("pub", id=f"q{n}", cmd="notifications.mark", d=mark)
            assert (await quiet.hear("ack", "nack"))["t"] == "ack"
        assert not released.is_set()
        released.set()
        await noisy.hear("ack")


async def test_bad_tokens_of_one_address_cost_it_and_nobody_who_is_known(
    gateway: Running, hotel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "FAILURES", (0.001, 6.0))
    monkeypatch.setattr(gateway.live.strangers, "_failures", Buckets())
    known, new = token("staff", hotel), token("staff", hotel, sub="new")
    expired = token("staff", hotel, seconds=-60)
    async with gateway.web() as web, gateway.web(transport=from_there()) as elsewhere:

        async def asked(own: str, web: httpx.AsyncClient = web) -> int:
            head = {"Authorization": f"Bearer {own}"} if own else {}
            return (await web.get("/api/auth/me", headers=head)).status_code

        async def code() -> int:
            return (await web.post("/api/auth/session", json={"code": "forged"})).status_code

        async def socket() -> int | None:
            async with gateway.socket() as ws:
                await Client(ws).say("hello", v=1, token="forged")
                with suppress(ConnectionClosed):
                    await ws.recv()
                return ws.close_code

        assert await asked(known) == 200
        assert [await asked(expired) for _ in range(10)] == [401] * 10, "these were good once"
        assert [await asked("") for _ in range(10)] == [401] * 10
        assert [await asked("forged"), await code(), await socket()] == [401, 401, 4401]
        assert [await asked("forged"), await code(), await socket()] == [401, 401, 4401]
        assert [await asked("forged"), await code(), await socket()] == [429, 429, 4029]
        assert await asked(new) == 429, "whose signature nobody looked at"
        assert await asked(known) == 200
        async with client(gateway, known) as one:
            await one.hear("welcome")
        assert [await asked("forged", elsewhere), await asked(new, elsewhere)] == [401, 200]
        assert await asked(new) == 200, "known by now"


async def test_a_body_that_is_packed_is_no_json(gateway: Running, hotel: str) -> None:
    head = {"Authorization": "Bearer " + token("staff", hotel), "Content-Encoding": "gzip"}
    async with gateway.web(headers=head) as web:
        bomb = await web.post("/api/services", content=gzip.compress(b" " * 10_000_000))
    assert (bomb.status_code, bomb.json()["error"]["code"]) == (400, "bad_json")


# Agents of later tests share this log, and stop at what they cannot fold on topics of their own.
POISONED = (topics.CHATS, topics.SIGNALS, topics.PEOPLE, topics.SYSTEM, topics.OCCUPANCY_STATE)


async def test_poison_on_any_topic_is_kept_as_a_dead_letter_and_passed_over(
    gateway: Running, hotel: str
) -> None:
    partition = topics.partition_of(hotel, gateway.settings.partitions)
    placed: dict[bytes, tuple[str, int, int]] = {}
    for topic in POISONED:
        poison, key = b"\x00\x00\x00\x00\x63poison " + new_id().encode(), f"{hotel}/x/{new_id()}".encode()
        lies = await gateway.producer.send_and_wait(topic.name, poison, key, partition=partition)
        placed[poison] = (topic.name, partition, lies.offset)
    found: dict[bytes, tuple[str, int, int]] = {}
    async with reader(gateway.settings) as consumer, patience():
        tp = TopicPartition(topics.DEAD_LETTERS.name, partition)
        consumer.assign([tp])
        consumer.seek(tp, 0)
        while found.keys() < placed.keys():
            record = await consumer.getone()
            dead = decode_as(record.value, topics.DEAD_LETTERS, DeadLetter)
            if dead.value in placed and dead.found_by == "gateway":
                found[dead.value] = (dead.topic, dead.partition, dead.offset)
                assert dead.reason
    assert found == placed
    async with running(gateway.settings.kafka_url) as again:
        assert again.live.tail.loaded, "a gateway that starts reads past it, too"
