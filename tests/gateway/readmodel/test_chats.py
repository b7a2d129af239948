"""Chat events applied: repeats have no effect, and what is kept in memory is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.readmodel import chats
from gateway.readmodel.hotel import Hotel
from schemas.records.chats import (
    ChatEvent,
    MemberJoined,
    MessageDelivered,
    MessageRead,
    MessageSent,
    ThreadClosed,
    ThreadOpened,
)


def event(own: str, thread: str = "t", actor: str = "ann", **body: Any) -> ChatEvent:
    return ChatEvent(
        event_id=own, property_id="h", thread_id=thread, actor_id=actor, actor_role="staff", device_id="d",
        sequence=0, claimed_at=1, **body,
    )  # fmt: skip


def opened(thread: str = "t") -> ChatEvent:
    return event(thread, thread, thread_opened=ThreadOpened(kind="guest_department", guest_id="gus"))


def hotel_with(*threads: str) -> Hotel:
    hotel = Hotel("h")
    for offset, thread in enumerate(threads):
        assert chats.apply(hotel, opened(thread), offset, offset)
    return hotel


def say(hotel: Hotel, own: str, offset: int, thread: str = "t") -> bool:
    return chats.apply(hotel, event(own, thread, message_sent=MessageSent(text=own)), offset, offset)


def kept(hotel: Hotel, thread: str = "t") -> list[str]:
    return [one.event_id for one in hotel.threads[thread].messages]


def test_a_thread_from_its_opening_to_its_end() -> None:
    hotel = hotel_with("t")
    thread = hotel.threads["t"]
    assert thread.members == {"ann", "gus"}
    chats.apply(hotel, event("j", member_joined=MemberJoined(user_id="ben")), 1, 1)
    assert say(hotel, "m1", 2)
    chats.apply(hotel, event("r", actor="gus", message_read=MessageRead(message_id="m1")), 3, 3)
    chats.apply(hotel, event("c", thread_closed=ThreadClosed(reason="")), 4, 4)
    assert (thread.members, thread.reads.ids, thread.closed) == ({"ann", "gus", "ben"}, {"gus": "m1"}, True)
    assert (kept(hotel), thread.said_at, list(thread.offsets)) == (["m1"], {"m1": 2}, [2])


def test_a_repeat_has_no_effect_and_is_known_as_one_at_any_replay() -> None:
    hotel = hotel_with("t")
    assert say(hotel, "m1", 1)
    assert not say(hotel, "m1", 2)
    assert not say(hotel, "m1", 3)
    assert (kept(hotel), hotel.chat_silent) == (["m1"], {2, 3})


def read(hotel: Hotel, own: str, message_id: str, offset: int, actor: str = "gus") -> None:
    said = event(own, actor=actor, message_read=MessageRead(message_id=message_id))
    assert chats.apply(hotel, said, offset, offset)


def test_what_was_read_stays_read_whatever_is_read_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "THREAD_MESSAGES", 2)
    hotel = hotel_with("t", "other")
    for offset in range(2, 6):
        say(hotel, f"m{offset}", offset)
    say(hotel, "theirs", 6, "other")
    thread = hotel.threads["t"]
    read(hotel, "r1", "m2", 7)
    assert thread.reads.ids == {"gus": "m2"}, "a message that is no longer kept is a place all the same"
    read(hotel, "r2", "m5", 8)
    read(hotel, "r3", "m3", 9)
    read(hotel, "r4", "m5", 10)
    read(hotel, "r5", "theirs", 11)
    read(hotel, "r6", "never", 12)
    assert thread.reads.ids == {"gus": "m5"}
    assert hotel.chat_silent == {9, 10, 11, 12}
    read(hotel, "r7", "m3", 13, actor="ann")
    assert thread.reads.ids == {"gus": "m5", "ann": "m3"}, "everybody has a mark of their own"


def test_what_came_is_a_mark_of_its_own_and_what_was_read_has_come() -> None:
    hotel = hotel_with("t")
    for offset in (1, 2, 3):
        say(hotel, f"m{offset}", offset)
    thread = hotel.threads["t"]

    def came(own: str, message_id: str, offset: int) -> None:
        said = event(own, actor="gus", message_delivered=MessageDelivered(message_id=message_id))
        chats.apply(hotel, said, offset, offset)

    came("d1", "m2", 4)
    came("d2", "m1", 5)
    assert (thread.delivered.ids, thread.reads.ids) == ({"gus": "m2"}, {})
    read(hotel, "r", "m3", 6)
    came("d3", "m3", 7)
    assert (thread.delivered.ids, thread.reads.ids) == ({"gus": "m3"}, {"gus": "m3"})
    assert hotel.chat_silent == {5, 7}, "what is no news is told to nobody"


def test_a_message_of_a_quiet_chat_is_known_when_its_id_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "SEEN_IDS", 2)
    hotel = hotel_with("t", "other")
    for offset in (2, 3):
        say(hotel, f"m{offset}", offset)
    for offset in range(4, 8):
        say(hotel, f"x{offset}", offset, "other")
    thread = hotel.threads["t"]
    assert "m2" not in hotel.chat_seen
    assert [chats.place_of(hotel, thread, own) for own in ("m2", "m3", "x7", "t")] == [2, 3, None, None]


def test_an_event_of_a_thread_nobody_opened_is_passed_over() -> None:
    hotel = Hotel("h")
    assert say(hotel, "m1", 1)
    assert hotel.threads == {}


def test_only_the_newest_are_kept_and_where_all_of_them_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "THREAD_MESSAGES", 3)
    monkeypatch.setattr(chats, "SEEN_IDS", 4)
    hotel = hotel_with("t")
    for offset in range(1, 8):
        say(hotel, f"m{offset}", offset)
    thread = hotel.threads["t"]
    assert kept(hotel) == ["m5", "m6", "m7"]
    assert (set(thread.said_at), list(thread.offsets)) == ({"m5", "m6", "m7"}, list(range(1, 8)))
    assert (list(hotel.chat_seen), hotel.chat_forgotten_at) == (["m4", "m5", "m6", "m7"], 3)


def test_a_hotel_keeps_so_many_and_each_thread_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "HOTEL_MESSAGES", 4)
    hotel = hotel_with("a", "b")
    for offset in range(2, 5):
        say(hotel, f"a{offset}", offset, "a")
    for offset in range(5, 12):
        say(hotel, f"b{offset}", offset, "b")
    assert kept(hotel, "a") == ["a4"], "what a list of chats shows"
    assert kept(hotel, "b") == ["b8", "b9", "b10", "b11"]
    assert len(hotel.chat_kept) == 4
