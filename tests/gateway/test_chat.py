"""Who may open which chat, what may be done in one, and ids that are the same at every gateway."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import chat
from gateway.chat import Close, Join, Open, Read, Send
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.readmodel.hotel import Hotel, Thread
from schemas.records.chats import ThreadOpened
from schemas.records.people import Person


def person(role: Any, *departments: str, user_id: str = "me") -> Claims:
    return Claims(user_id, role, "h", "N", "101", None, departments, 0, 1, "t")


GUEST, SPA = person("guest"), person("staff", "spa")


@pytest.mark.parametrize(
    ("who", "said", "no"),
    [
        (GUEST, Open(kind="guest_department", department="spa", sensitive=True), "sensitive_refused"),
        (GUEST, Open(kind="staff"), "forbidden"),
        (GUEST, Open(kind="guest_department"), "invalid"),
        (SPA, Open(kind="guest_department", department="spa"), "invalid"),
        (SPA, Open(kind="guest_department", department="bar", guest_id="gus"), "forbidden"),
        (person("system"), Open(kind="staff"), "forbidden"),
    ],
)
def test_who_may_not_open_which(who: Claims, said: Open, no: str) -> None:
    with pytest.raises(Refused) as refused:
        chat.opened(who, said)
    assert refused.value.code == no


def test_a_guest_opens_for_themselves_whoever_they_say() -> None:
    made = chat.opened(GUEST, Open(kind="guest_department", department="spa", guest_id="other"))
    assert (made.guest_id, made.members) == ("me", ["me"])
    made = chat.opened(SPA, Open(kind="guest_department", department="spa", guest_id="gus"))
    assert (made.guest_id, made.members) == ("gus", ["gus", "me"])
    assert chat.opened(SPA, Open(kind="staff", members=["you"])).members == ["me", "you"]


def house() -> tuple[Hotel, Thread]:
    hotel = Hotel("h")
    for own, role in (("gus", "guest"), ("eve", "guest"), ("ben", "staff")):
        hotel.people[own] = Person(user_id=own, role=role, name=own)  # type: ignore[arg-type]  # a Literal by its text
    opened = ThreadOpened(kind="guest_department", department="spa", guest_id="gus")
    thread = hotel.threads["t"] = Thread("t", opened, "gus", 1, {"gus"})
    return hotel, thread


@pytest.mark.parametrize(
    ("who", "said", "no"),
    [
        (GUEST, Join(thread_id="t"), "forbidden"),
        (GUEST, Close(thread_id="t"), "forbidden"),
        (SPA, Join(thread_id="t", user_id="nobody"), "unknown_user"),
        (SPA, Join(thread_id="t", user_id="eve"), "forbidden"),
        (SPA, Read(thread_id="t", message_id="m"), "unknown_message"),
    ],
)
def test_what_may_not_be_done_in_one(who: Claims, said: Any, no: str) -> None:
    hotel, thread = house()
    with pytest.raises(Refused) as refused:
        chat.check(who, said, hotel, thread)
    assert refused.value.code == no
    chat.check(SPA, Join(thread_id="t", user_id="ben"), hotel, thread)


def test_in_a_closed_one_nothing_more_is_said() -> None:
    hotel, thread = house()
    chat.check(GUEST, Send(thread_id="t", text="x"), hotel, thread)
    thread.closed = True
    with pytest.raises(Refused) as refused:
        chat.check(GUEST, Send(thread_id="t", text="x"), hotel, thread)
    assert (refused.value.status, refused.value.code) == (409, "closed")


def test_no_guest_reads_what_staff_say_among_themselves() -> None:
    hotel, _ = house()
    with pytest.raises(Refused):
        chat.check_members(hotel, ThreadOpened(kind="staff", members=["ben", "gus"]))
    chat.check_members(hotel, ThreadOpened(kind="staff", members=["ben", "somebody"]))


def test_an_id_is_one_persons_in_one_hotel() -> None:
    base = ("h", "me", "device", 1)
    assert chat.event_id_of(*base) == chat.event_id_of(*base)
    others = [
        ("g", "me", "device", 1),
        ("h", "you", "device", 1),
        ("h", "me", "d", 1),
        ("h", "me", "device", 2),
    ]
    assert len({chat.event_id_of(*one) for one in [base, *others]}) == 5
