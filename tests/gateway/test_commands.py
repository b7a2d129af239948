"""From what a client says to the record its agent reads."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import commands
from gateway.claims import Claims
from gateway.commands import BODIES, read
from gateway.errors import Refused
from gateway.permissions import MAY
from schemas import topics
from schemas.ids import new_id
from schemas.records.rooms import RoomsCommand
from schemas.records.services import ServicesCommand
from tests.gateway.support import Running

D = {"room_id": "101", "dimension": "guest_service", "value": "do_not_disturb"}


def person(role: Any, property_id: str = "h", user_id: str = "me") -> Claims:
    return Claims(user_id, role, property_id, "N", "101", None, ("front_desk",), 0, 1, "t")


def test_every_command_has_a_body_and_no_tick_is_one() -> None:
    assert BODIES.keys() == MAY.keys()
    assert not any("tick" in name for name in BODIES)


def test_a_command_carries_who_says_it_and_when() -> None:
    made = read(person("guest"), "h", "c1", "rooms.set_room_status", D, 7)
    assert made.topic is topics.ROOMS_COMMANDS
    record = made.record
    assert isinstance(record, RoomsCommand)
    assert (record.command_id, record.actor_id, record.actor_role, record.claimed_at) == (
        "c1",
        "me",
        "guest",
        7,
    )
    asked = read(person("guest"), "h", "c2", "services.request",
                 {"room_id": "101", "item": "x", "guest_id": "you", "priority": 1}, 7).record  # fmt: skip
    assert isinstance(asked, ServicesCommand)
    assert asked.request is not None
    assert (asked.request.guest_id, asked.request.priority) == ("me", None), (
        "in the own name, at no own price"
    )


@pytest.mark.parametrize(
    ("own", "name", "d", "no"),
    [
        ("a/b", "rooms.set_room_status", D, (400, "bad_id")),
        ("", "rooms.set_room_status", D, (400, "bad_id")),
        ("a", "rooms.tick", {}, (400, "unknown_command")),
        ("a", "rooms", {}, (400, "unknown_command")),
        ("a", "rooms.set_room_status", {}, (400, "invalid")),
        ("a", "rooms.set_room_status", D | {"room_id": "102"}, (403, "forbidden")),
        ("a", "rooms.check_in", {"reservation_id": "r"}, (403, "forbidden")),
    ],
)
def test_what_is_none(own: str, name: str, d: dict[str, Any], no: tuple[int, str]) -> None:
    with pytest.raises(Refused) as refused:
        read(person("guest"), "h", own, name, d, 7)
    assert (refused.value.status, refused.value.code) == no


async def test_an_id_that_somebody_used_is_theirs(gateway: Running) -> None:
    own, said = "cmd" + new_id()[-6:], new_id()
    # A request's id is its command's.
    await gateway.request(own, said)
    heard = await gateway.live.answers.wait(own, said, 10)
    assert heard is not None
    anna, guest = person("manager", own), person("manager", own, "guest-101")
    with pytest.raises(Refused) as refused:
        await commands.submit(gateway.live, anna, own, said, "rooms.set_room_status", D)
    assert (refused.value.status, refused.value.code) == (409, "id_taken")
    ask = {"room_id": "101", "item": "towels"}
    await commands.submit(gateway.live, guest, own, said, "services.request", ask)
    for name, d in (
        ("services.request", ask | {"item": "taxi"}),
        ("alerts.raise_emergency", {"kind": "fire"}),
    ):
        with pytest.raises(Refused) as refused:
            await commands.submit(gateway.live, guest, own, said, name, d)
        assert refused.value.code == "id_taken", "an ack would be a lie"


async def test_an_id_that_another_gateway_took_for_another_agent_is_taken(gateway: Running) -> None:
    own, said = "cmd" + new_id()[-6:], new_id()
    await gateway.request(own, said)
    assert await gateway.live.answers.wait(own, said, 10) is not None
    guest = person("manager", own, "guest-101")
    with pytest.raises(Refused) as refused:
        await commands.submit(gateway.live, guest, own, said, "alerts.raise_emergency", {"kind": "fire"})
    assert refused.value.code == "id_taken"
