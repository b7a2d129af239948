"""From a fact on Kafka to an authenticated socket, and what a socket refuses."""

from __future__ import annotations

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from gateway.socket import Socket
from schemas.ids import new_id
from tests.gateway.support import Client, Running, client, token


async def test_a_fact_on_kafka_reaches_whom_it_may_and_a_reconnect_misses_nothing(gateway: Running) -> None:
    own, ids = "sock" + new_id()[-6:], [new_id() for _ in range(4)]
    ops = f"ops:{own}"
    async with client(gateway, token("admin", own)) as admin:
        assert (await admin.hear("welcome"))["heartbeat"] > 0
        await admin.say("sub", ch=ops)
        assert "snapshot" in await admin.hear("subbed")
        await gateway.request(own, ids[0])
        event = await admin.request()
        assert (event["type"], event["d"]["request"]["item"]) == ("service_request_updated", "towels")
        assert event["d"]["causation_id"] == ids[0]
    for one in ids[1:3]:
        await gateway.request(own, one)
    async with client(gateway, token("admin", own), resume={ops: event["cur"]}) as admin:
        assert (await admin.hear("subbed"))["recovered"] is True
        missed = [await admin.request() for _ in range(2)]
        await gateway.request(own, ids[3])
        missed.append(await admin.request())
        assert [one["d"]["causation_id"] for one in missed] == ids[1:]
    async with client(gateway, token("admin", own)) as admin:
        await admin.say("sub", ch=ops)
        snapshot = (await admin.hear("subbed"))["snapshot"]
        assert {one["request_id"] for one in snapshot["requests"]} == set(ids)


async def missed_on_ops(gateway: Running, own: str, count: int) -> tuple[str, list[str]]:
    """A cursor of `ops:`, and the requests that came after it."""
    ids = [new_id() for _ in range(count)]
    async with client(gateway, token("admin", own), resume={f"ops:{own}": None}) as admin:
        cursor: str = (await admin.hear("subbed"))["cur"]
        for one in ids:
            await gateway.request(own, one)
        for _ in ids:
            await admin.request()
    return cursor, ids


async def test_a_pong_has_a_place_once_all_that_was_missed_was_told(gateway: Running) -> None:
    own = "pong" + new_id()[-6:]
    ops = f"ops:{own}"
    cursor, ids = await missed_on_ops(gateway, own, 40)
    async with client(gateway, token("admin", own)) as admin:
        both = [{"t": "sub", "ch": ops, "cur": cursor}, {"t": "ping"}]
        await admin.ws.send(msgspec.json.encode(both).decode())
        missed, place = list[str](), None
        while place is None:
            found = await admin.hear("ev", "pong")
            if found["t"] == "pong" and not (place := found.get("cur")):
                await admin.say("ping")
            elif found.get("type") == "service_request_updated":
                missed.append(found["d"]["causation_id"])
        assert missed == ids
    async with client(gateway, token("admin", own), resume={ops: place}) as admin:
        assert (await admin.hear("subbed"))["recovered"] is True
        await gateway.request(own, last := new_id())
        assert (await admin.request())["d"]["causation_id"] == last


async def test_a_beat_that_is_due_with_a_sub_has_no_place_that_is_not_told_yet(gateway: Running) -> None:
    own = "beat" + new_id()[-6:]
    cursor, ids = await missed_on_ops(gateway, own, 20)
    async with client(gateway, token("admin", own)) as admin:
        await admin.hear("welcome")
        (held,) = [one for one in gateway.live.sockets._open if one.claims.property_id == own]
        held._session._beat_at = 0  # type: ignore[attr-defined]  # a socket's
        await admin.say("sub", ch=f"ops:{own}", cur=cursor)
        assert "cur" not in await admin.hear("beat")
        assert [(await admin.request())["d"]["causation_id"] for _ in ids] == ids


async def test_a_guest_hears_the_own_room_only(gateway: Running) -> None:
    own = "room" + new_id()[-6:]
    async with client(gateway, token("guest", own, room="101")) as guest:
        for channel in (f"ops:{own}", f"room:{own}:102", f"staff:{own}", "property:other", "user:somebody"):
            await guest.say("sub", ch=channel)
            assert (await guest.hear("nack"))["code"] == "forbidden"
        await guest.say("sub", ch=f"room:{own}:101")
        await guest.hear("subbed")
        await gateway.request(own, new_id(), room="102")
        mine = new_id()
        await gateway.request(own, mine, room="101")
        assert (await guest.request())["d"]["causation_id"] == mine


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("{", 4400),
        ("[]", 4400),
        ('{"t":"sub","ch":"x"}', 4400),
        ('{"t":"hello","v":9}', 4400),
        ('{"t":"hello","v":1}', 4401),
        ('{"t":"hello","v":1,"token":"forged"}', 4401),
        ("x" * 70_000, 4413),
    ],
)
async def test_a_bad_beginning_closes_with_its_code(gateway: Running, first: str, code: int) -> None:
    async with gateway.socket() as ws:
        await ws.send(first)
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert ws.close_code == code


async def test_an_expired_token_and_an_expiring_one(gateway: Running) -> None:
    async with gateway.socket() as ws:
        await Client(ws).say("hello", v=1, token=token(seconds=-60))
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert ws.close_code == 4101
    async with gateway.socket() as ws:
        one = Client(ws)
        await one.say("hello", v=1, token=token(seconds=2))
        await one.hear("auth_expiring")
        with pytest.raises(ConnectionClosed):
            await one.hear("never")
        assert ws.close_code == 4101


async def test_an_unknown_kind_is_answered_and_the_socket_lives(gateway: Running) -> None:
    async with client(gateway, token()) as one:
        await one.hear("welcome")
        await one.say("dance", id="7")
        assert (await one.hear("nack"))["code"] == "unknown_kind"
        await one.say("pub", id="8", cmd="no.such", d={})
        assert (await one.hear("nack"))["id"] == "8"
        await one.say("ping")
        await one.hear("pong")


async def test_frames_of_one_message_are_answered_in_their_order(gateway: Running) -> None:
    own = "many" + new_id()[-6:]
    async with gateway.socket() as ws:
        one = Client(ws)
        await one.say("hello", v=1, token=token("staff", own, departments=["housekeeping"]))
        limits = (await one.hear("welcome"))["limits"]
        assert limits["rates"]["command"] == {"per_second": 20.0, "burst": 60.0}
        channels = [f"staff:{own}", f"ops:{own}", f"department:{own}:housekeeping"]
        frames = [{"t": "sub", "ch": name} for name in channels] + [{"t": "ping"}]
        await ws.send(msgspec.json.encode(frames).decode())
        heard = [await one.hear("subbed", "nack", "pong") for _ in frames]
        assert [found["t"] for found in heard] == ["subbed", "nack", "subbed", "pong"]
        assert [found.get("ch") or found.get("id") for found in heard[:3]] == channels
        assert limits["frames"] == 100


async def test_what_comes_right_behind_hello_waits_for_its_welcome_and_keeps_its_order(
    gateway: Running,
) -> None:
    async with gateway.socket() as ws:
        one = Client(ws)
        await one.say("hello", v=1, token=token())
        for number in range(20):
            await one.say("pub", id=f"n{number}", cmd="nothing.at_all")
        await one.say("ping")
        found = [await one.hear("welcome", "nack", "pong") for _ in range(22)]
    assert found[0]["t"] == "welcome"
    assert [frame["id"] for frame in found if frame["t"] == "nack"] == [f"n{number}" for number in range(20)]


async def test_one_that_fails_is_closed_and_comes_back(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(gateway, token()) as one:
        await one.hear("welcome")
        monkeypatch.setattr(Socket, "received", lambda *_: 1 / 0)
        await one.say("ping")
        with pytest.raises(ConnectionClosed):
            await one.hear("pong")
        assert one.ws.close_code == 1011
    monkeypatch.undo()
    async with client(gateway, token()) as one:
        await one.hear("welcome")
