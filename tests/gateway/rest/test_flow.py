"""REST on a real gateway and a real Kafka: set up a hotel, ask, chat, sign in, and every bad input."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from schemas.ids import new_id
from tests.gateway.support import Running, token
from tests.patience import until


def bearer(role: str, property_id: str, **more: Any) -> dict[str, str]:
    return {"Authorization": "Bearer " + token(role, property_id, **more)}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def web(gateway: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.web() as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hotel(web: httpx.AsyncClient) -> str:
    own = "rest" + new_id()[-6:]
    change = {
        "property_id": own,
        "property": {
            "name": "Rest", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": ["housekeeping"],
        },
        "rooms": [{"room_id": "101", "room_type": "double", "floor": 1, "zone_id": "floor-1"}],
    }  # fmt: skip
    written = await web.post("/api/settings", json=change, headers=bearer("system", "*"))
    assert written.json() == {"written": 2}

    async def there() -> bool:
        found = await web.get("/api/rooms", headers=bearer("admin", own))
        return found.status_code == 200 and len(found.json()["rooms"]) == 1

    await until(there)
    return own


async def test_a_room_nothing_happened_in_is_on_the_board(web: httpx.AsyncClient, hotel: str) -> None:
    found = await web.get("/api/rooms", headers=bearer("staff", hotel))
    (room,) = found.json()["rooms"]
    assert (room["room_id"], room["zone_id"], room["housekeeping"]) == ("101", "floor-1", "clean")


async def test_a_command_without_an_agent_is_pending(web: httpx.AsyncClient, hotel: str) -> None:
    own = new_id()
    body = {"id": own, "cmd": "request", "d": {"room_id": "101", "item": "towels"}}
    answer = await web.post("/api/services", json=body, headers=bearer("guest", hotel, room="101"))
    assert answer.status_code == 202
    assert (answer.json()["id"], answer.json()["verdict"]) == (own, "pending")


async def test_a_chat_is_acked_once_whoever_repeats_it(web: httpx.AsyncClient, hotel: str) -> None:
    guest = bearer("guest", hotel, room="101")
    opened = await web.post(
        "/api/chat/rooms",
        json={"id": new_id(), "cmd": "open", "d": {"kind": "guest_department", "department": "housekeeping"}},
        headers=guest,
    )
    assert opened.status_code == 200, opened.text
    thread = opened.json()["thread_id"]
    say = {
        "id": new_id(),
        "cmd": "send",
        "d": {"thread_id": thread, "text": "hello", "device": "d", "seq": 7},
    }
    acks = await asyncio.gather(*(web.post("/api/chat/messages", json=say, headers=guest) for _ in range(4)))
    assert {ack.status_code for ack in acks} == {200}
    assert len({ack.text for ack in acks}) == 1
    asked = {"thread_id": thread}
    staff = bearer("staff", hotel, departments=["housekeeping"])
    reply = {"id": new_id(), "cmd": "send", "d": {"thread_id": thread, "text": "hi"}}
    assert (await web.post("/api/chat/messages", json=reply, headers=staff)).status_code == 200
    shown = (await web.get("/api/chat/messages", params=asked, headers=guest)).json()["messages"]
    assert [one["text"] for one in shown] == ["hello", "hi"]
    (room,) = (await web.get("/api/chat/rooms", headers=guest)).json()["rooms"]
    assert (room["unread"], set(room["members"])) == (1, {"guest-1", "staff-1"})
    for stranger in (
        bearer("guest", hotel, sub="g2", room="102"),
        bearer("staff", hotel, sub="s2", departments=["spa"]),
    ):
        assert (await web.get("/api/chat/messages", params=asked, headers=stranger)).status_code == 404
        assert (await web.post("/api/chat/messages", json=say, headers=stranger)).status_code == 404


async def test_a_sensitive_chat_is_refused_with_its_reason(web: httpx.AsyncClient, hotel: str) -> None:
    d = {"kind": "guest_department", "department": "housekeeping", "sensitive": True}
    body = {"id": new_id(), "cmd": "open", "d": d}
    answer = await web.post("/api/chat/rooms", json=body, headers=bearer("guest", hotel, room="101"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "sensitive_refused")


async def test_a_code_lets_in_once_and_sign_out_shuts_out(web: httpx.AsyncClient, hotel: str) -> None:
    who = {"user_id": "guest-9", "role": "guest", "property_id": hotel, "room_id": "101"}
    made = await web.post("/api/auth/codes", json=who, headers=bearer("admin", hotel))
    code = made.json()["code"]
    async with httpx.AsyncClient(base_url=str(web.base_url)) as browser:
        assert (await browser.post("/api/auth/session", json={"code": code})).status_code == 200
        cookie = next(iter(browser.cookies.jar))
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert (await browser.get("/api/auth/me")).json()["user_id"] == "guest-9"
        evil = {"Origin": "https://evil.example"}
        assert (await browser.post("/api/auth/refresh", headers=evil)).status_code == 403
        kept = dict(browser.cookies)
        assert (await browser.delete("/api/auth/session")).status_code == 200
        browser.cookies.update(kept)
        assert (await browser.get("/api/auth/me")).status_code == 403
    again = await web.post("/api/auth/session", json={"code": code})
    assert (again.status_code, again.json()["error"]["code"]) == (401, "code_used")
    foreign = await web.post(
        "/api/auth/codes", json=who | {"property_id": "x"}, headers=bearer("admin", hotel)
    )
    system = await web.post("/api/auth/codes", json=who | {"role": "system"}, headers=bearer("admin", hotel))
    assert (foreign.status_code, system.status_code) == (403, 403)


async def test_intake_takes_the_good_and_names_the_bad(web: httpx.AsyncClient, hotel: str) -> None:
    made = {
        "reservation_id": "r1", "arrival": "2026-01-01", "departure": "2026-01-02", "booked_on": "2025-12-01",
        "rate": "99.50", "currency": "EUR",
    }  # fmt: skip
    good = {"source_event_id": "e1", "occurred_at": 1, "reservation_made": made}
    facts = [good, good | {"occurred_at": "soon"}, {"source_event_id": "e2", "occurred_at": 1}]
    body = {"id": new_id(), "property_id": hotel, "topic": "rooms", "source_system": "pms", "facts": facts}
    answer = await web.post("/api/facts", json=body, headers=bearer("system", "*"))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["taken"], answer.json()["batches"]) == (1, 1)
    assert [one["index"] for one in answer.json()["invalid"]] == [1, 2]
    assert (await web.post("/api/facts", json=body, headers=bearer("staff", hotel))).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "content", "who", "status"),
    [
        ("GET", "/api/rooms", b"", {}, 401),
        ("GET", "/api/rooms", b"", {"Authorization": "Bearer forged"}, 401),
        ("GET", "/api/rooms?property_id=other", b"", None, 403),
        ("GET", "/api/nothing", b"", None, 404),
        ("DELETE", "/api/rooms", b"", None, 405),
        ("POST", "/api/rooms", b"{", None, 400),
        ("POST", "/api/rooms", b"\xff\xfe", None, 400),
        ("POST", "/api/rooms", b"[" * 50_000, None, 400),
        ("POST", "/api/rooms", b'{"id":1}', None, 400),
        ("POST", "/api/rooms", b'{"id":"a","cmd":"tick","d":{}}', None, 400),
        ("POST", "/api/rooms", b"x" * 70_000, None, 413),
        ("GET", "/api/rooms?limit=0", b"", None, 422),
    ],
)
async def test_bad_input_gets_the_one_shape(
    web: httpx.AsyncClient,
    hotel: str,
    method: str,
    path: str,
    content: bytes,
    who: dict[str, str] | None,
    status: int,
) -> None:
    headers = bearer("manager", hotel) if who is None else who
    answer = await web.request(method, path, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert {"code", "message"} <= answer.json()["error"].keys()
    assert "Traceback" not in answer.text


async def test_expired_and_unknown_hotels(web: httpx.AsyncClient, hotel: str) -> None:
    expired = await web.get("/api/rooms", headers=bearer("admin", hotel, seconds=-60))
    assert (expired.status_code, expired.json()["error"]["code"]) == (401, "token_expired")
    unknown = await web.get("/api/rooms", headers=bearer("admin", "never"))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_property")


async def test_a_body_without_a_length_is_bounded_too(web: httpx.AsyncClient, hotel: str) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 8192

    answer = await web.post("/api/rooms", content=parts(), headers=bearer("admin", hotel))
    assert answer.status_code == 413
