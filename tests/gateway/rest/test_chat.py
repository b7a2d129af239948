"""Threads and messages over REST: what is no longer in memory comes from the log."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from gateway.readmodel import chats
from gateway.recall import SKEW_MS
from schemas.ids import new_id
from tests.gateway.support import Running, token

HOUSE = {"name": "C", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": ["housekeeping"]}


class Chat:
    """A hotel's guest and their thread."""

    def __init__(self, web: httpx.AsyncClient, own: str) -> None:
        self.web, self.own = web, own
        self.thread = ""

    def head(self, who: str = "guest") -> dict[str, str]:
        more: dict[str, Any] = {"room": "101"} if who == "guest" else {"departments": ["housekeeping"]}
        return {"Authorization": "Bearer " + token(who, self.own, **more)}

    async def do(
        self, path: str, cmd: str, d: dict[str, Any], own: str, who: str = "guest"
    ) -> dict[str, Any]:
        body = {"id": own, "cmd": cmd, "d": d}
        answer = await self.web.post(f"/api/chat/{path}", json=body, headers=self.head(who))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def send(self, text: str, own: str = "", **more: Any) -> dict[str, Any]:
        d = {"thread_id": self.thread, "text": text} | more
        return await self.do("messages", "send", d, own or new_id())

    async def texts(self, **asked: Any) -> tuple[list[str], bool, str]:
        """(texts, whether there are earlier ones, the oldest one's id)."""
        params = {"thread_id": self.thread} | asked
        answer = await self.web.get("/api/chat/messages", params=params, headers=self.head())
        assert answer.status_code == 200, answer.text
        said = answer.json()["messages"]
        return [one["text"] for one in said], answer.json()["earlier"], said[0]["message_id"] if said else ""


@pytest.fixture
async def chat(gateway: Running) -> Any:
    own = "chat" + new_id()[-6:]
    async with gateway.web() as web:
        head = {"Authorization": "Bearer " + token("system", "*")}
        made = await web.post("/api/settings", json={"property_id": own, "property": HOUSE}, headers=head)
        assert made.status_code == 200, made.text
        one = Chat(web, own)
        opening = {"kind": "guest_department", "department": "housekeeping"}
        one.thread = (await one.do("rooms", "open", opening, new_id()))["thread_id"]
        yield one


async def test_older_messages_come_from_the_log(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "THREAD_MESSAGES", 3)
    every = [f"m{n}" for n in range(10)]
    for text in every:
        await chat.send(text)
    assert (await chat.texts())[:2] == (every, False)
    found, earlier, oldest = await chat.texts(limit=2)
    assert (found, earlier) == (every[-2:], True)
    found, earlier, oldest = await chat.texts(limit=4, before=oldest)
    assert (found, earlier) == (every[4:8], True)
    found, earlier, oldest = await chat.texts(limit=4, before=oldest)
    assert (found, earlier) == (every[:4], False), "a place that memory no longer knows"
    assert (await chat.texts(before=oldest))[:2] == ([], False)
    wrong = {"thread_id": chat.thread, "before": "never"}
    answer = await chat.web.get("/api/chat/messages", params=wrong, headers=chat.head())
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_message")


async def test_an_id_that_memory_forgot_has_one_effect_all_the_same(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats, "SEEN_IDS", 2)
    # As if the first try was before what the clocks of clients may be wrong by.
    old = new_id(int(time.time() * 1000) - 2 * SKEW_MS)
    first = await chat.send("once", own=old, device="d", seq=1)
    for n in range(5):
        await chat.send(f"m{n}")
    again = await chat.send("once", own=old, device="d", seq=1)
    assert again["event_id"] == first["event_id"]
    assert (await chat.texts())[0] == ["once", *(f"m{n}" for n in range(5))]


async def test_an_id_with_other_words_is_refused_and_not_acked(chat: Chat) -> None:
    await chat.send("first", own="one", device="d", seq=1)
    await chat.send("first", own="two", device="d", seq=1)  # the same device's same word once more
    d = {"thread_id": chat.thread, "text": "other", "device": "d", "seq": 1}
    said = {"id": "three", "cmd": "send", "d": d}
    answer = await chat.web.post("/api/chat/messages", json=said, headers=chat.head())
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "id_taken")
    assert (await chat.texts())[0] == ["first"]


async def test_unread_counts_and_typing(chat: Chat) -> None:
    said = await chat.send("hello")
    (room,) = (await chat.web.get("/api/chat/rooms", headers=chat.head("staff"))).json()["rooms"]
    assert (room["unread"], room["last_message"]["text"], room["closed"]) == (1, "hello", False)
    d = {"thread_id": chat.thread, "message_id": said["event_id"]}
    await chat.do("messages", "read", d, new_id(), "staff")
    (room,) = (await chat.web.get("/api/chat/rooms", headers=chat.head("staff"))).json()["rooms"]
    assert (room["unread"], room["reads"]) == (0, {"staff-1": said["event_id"]})
    newer = await chat.send("are you there?")
    for own in (newer["event_id"], said["event_id"]):
        await chat.do("messages", "read", {"thread_id": chat.thread, "message_id": own}, new_id(), "staff")
    (room,) = (await chat.web.get("/api/chat/rooms", headers=chat.head("staff"))).json()["rooms"]
    assert (room["unread"], room["reads"]) == (0, {"staff-1": newer["event_id"]}), "no way back"
    typing = await chat.web.post("/api/chat/typing", json={"thread_id": chat.thread}, headers=chat.head())
    assert typing.json() == {"done": True}
    await chat.do("rooms", "close", {"thread_id": chat.thread}, new_id(), "staff")
    late = {"id": new_id(), "cmd": "send", "d": {"thread_id": chat.thread, "text": "late"}}
    answer = await chat.web.post("/api/chat/messages", json=late, headers=chat.head())
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "closed")
