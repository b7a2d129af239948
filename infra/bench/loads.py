"""Hotels and what is said in them, as records on the log: the input of benches without a gateway. Pure."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from schemas import topics
from schemas.ids import new_id, source_id
from schemas.record import Record
from schemas.records.base import Cause, Why
from schemas.records.chats import ChatEvent, MessageSent, ThreadOpened
from schemas.records.rooms import (
    ChargePosted,
    CheckedIn,
    CheckedOut,
    ReservationMade,
    RoomsAnswer,
    RoomsCommand,
    RoomsFact,
    RoomsIntake,
    RoomStatusChanged,
)
from schemas.records.services import RequestCommand, RequestService, ServicesCommand
from schemas.records.settings import CatalogueItem, PropertySettings, RoomSettings, SettingsRecord
from schemas.records.staff import StaffCommand, StartShift
from schemas.topics import Topic

ROOMS = 20
STAFF = 4
SHIFT_MS = 12 * 3_600_000
# Between two facts of a hotel, by its own clock: a room has 14 a day.
STEP_MS = 5 * 60_000
DEPARTMENT = "housekeeping"

NAMES: dict[type[Record], str] = {
    RoomStatusChanged: "room_status_changed",
    ReservationMade: "reservation_made",
    CheckedIn: "checked_in",
    ChargePosted: "charge_posted",
    CheckedOut: "checked_out",
}

# (topic, hotel, record, key; None: the hotel is the key)
Said = tuple[Topic, str, Record, bytes | None]
Answered = tuple[Topic, str, RoomsAnswer, None]
Batched = tuple[Topic, str, RoomsIntake, None]


def hotels(count: int, name: str = "bench") -> list[str]:
    """Ids of so many hotels; the same for every run, so they lie on the same partitions."""
    return [f"{name}-{number:04}" for number in range(count)]


def settings(hotel: str) -> Iterator[Said]:
    """The hotel, its rooms and one item."""
    about = PropertySettings(name=hotel, time_zone="UTC", currency="EUR", departments=[DEPARTMENT])
    item = CatalogueItem(
        item="towels",
        name="Towels",
        department=DEPARTMENT,
        priority=3,
        credits=0.25,
        accept_within_s=600,
        resolve_within_s=1800,
    )
    rooms = [RoomSettings(room_id=room, room_type="double", floor=1, zone_id="one") for room in _rooms()]
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("property", hotel, {"property": about}),
        ("item", item.item, {"item": item}),
        *(("room", room.room_id, {"room": room}) for room in rooms),
    ]
    for kind, name, body in bodies:
        record = SettingsRecord(property_id=hotel, kind=kind, id=name, at=1, actor_id="bench", **body)
        yield topics.SETTINGS, hotel, record, topics.entity_key(hotel, kind, name)


def shifts(hotel: str) -> Iterator[Said]:
    """STAFF members of staff come on duty."""
    ends_at = round(time.time() * 1000) + SHIFT_MS
    for number in range(STAFF):
        shift = StartShift(staff_id=f"staff-{number}", department=DEPARTMENT, ends_at=ends_at)
        yield topics.STAFF_COMMANDS, hotel, StaffCommand(**_head(hotel), start_shift=shift), None


def request(hotel: str, number: int) -> Iterator[Said]:
    """A request is made, accepted, started and completed: four commands, five facts.

    Whoever is least loaded gets it, by the id where all are alike: the first one, who has done the last.
    """
    head = _head(hotel)
    asked = RequestService(room_id=_rooms()[number % ROOMS], item="towels")
    yield topics.SERVICES_COMMANDS, hotel, ServicesCommand(**head, request=asked), None
    step = RequestCommand(request_id=head["command_id"])
    for name in ("accept", "start", "complete"):
        said: dict[str, Any] = {**_head(hotel, "staff-0", "staff"), name: step}
        told = ServicesCommand(**said)
        yield topics.SERVICES_COMMANDS, hotel, told, None


def chat_id(hotel: str, number: int) -> str:
    """The id of a chat of `chats`."""
    return f"{hotel}-chat-{number}"


def chats(hotel: str, count: int) -> Iterator[Said]:
    """Guests begin so many chats with the department."""
    for number in range(count):
        opened = ThreadOpened(kind="guest_department", department=DEPARTMENT, guest_id=f"guest-{number}")
        yield topics.CHATS, hotel, _chat_event(hotel, number, thread_opened=opened), None


def message(hotel: str, number: int, text: str) -> Said:
    """A guest says something in their chat."""
    return topics.CHATS, hotel, _chat_event(hotel, number, message_sent=MessageSent(text=text)), None


def _chat_event(hotel: str, number: int, **body: Any) -> ChatEvent:
    head: dict[str, Any] = {"actor_id": f"guest-{number}", "actor_role": "guest", "device_id": "bench"}
    place: dict[str, Any] = {"thread_id": chat_id(hotel, number), "sequence": 0, "claimed_at": 1}
    return ChatEvent(event_id=new_id(), property_id=hotel, **place, **head, **body)


def status(hotel: str, number: int) -> RoomStatusChanged:
    """A room is dirty, then clean, room after room."""
    value = "dirty" if number // ROOMS % 2 == 0 else "clean"
    return RoomStatusChanged(room_id=_rooms()[number % ROOMS], dimension="housekeeping", value=value)


def status_command(hotel: str, number: int) -> Said:
    """`status` as a command."""
    return (
        topics.ROOMS_COMMANDS,
        hotel,
        RoomsCommand(**_head(hotel), set_room_status=status(hotel, number)),
        None,
    )


def status_answer(hotel: str, number: int, partition: int, expected: int) -> Answered:
    """`status` as the room agent's answer, of one fact.

    Its cause is none of the agent's inputs: a worker that comes later takes none for answered.
    """
    cause = Cause(topic=topics.SETTINGS.name, partition=partition, offset=expected)
    fact = RoomsFact(fact_id=new_id(), occurred_at=number, room_status_changed=status(hotel, number))
    answer = RoomsAnswer(
        event_id=new_id(),
        property_id=hotel,
        recorded_at=number,
        actor_id="bench",
        actor_role="manager",
        causation_id=new_id(),
        cause=cause,
        expected=expected,
        verdict="accepted",
        why=Why(rule="bench", sentence="Because it is measured."),
        facts=[fact],
    )
    return topics.ROOMS, hotel, answer, None


def answers(houses: list[str], count: int, ends: Mapping[int, int]) -> Iterator[Answered]:
    """So many of `status_answer`, hotel after hotel, where they are expected. `ends`: of the partitions."""
    at = dict(ends)
    for number in range(count):
        house = houses[number % len(houses)]
        place = topics.partition_of(house, len(at))
        yield status_answer(house, number // len(houses), place, at[place])
        at[place] += 1


def intake(hotel: str, first: int, count: int) -> Batched:
    """A batch of `count` statuses that a property system says."""
    return _intake(hotel, [(f"status-{n}", status(hotel, n), n) for n in range(first, first + count)])


def stays(hotel: str, first: int, count: int) -> Batched:
    """A batch of stays from booking to check-out, one after the other in each room: four facts each."""
    return _intake(hotel, [one for number in range(first, first + count) for one in _stay(number)])


def _stay(number: int) -> Iterator[tuple[str, Record, int]]:
    name, room = f"stay-{number}", _rooms()[number % ROOMS]
    day = datetime.date(1970, 1, 1) + datetime.timedelta(number // ROOMS)
    night: dict[str, Any] = {"arrival": day, "departure": day + datetime.timedelta(1), "booked_on": day}
    price: dict[str, Any] = {"currency": "EUR", "rate": Decimal(100)}
    charge: dict[str, Any] = {
        "charge_id": name,
        "business_date": day,
        "kind": "room",
        "amount": Decimal(100),
        "currency": "EUR",
    }
    made = ReservationMade(reservation_id=name, room_id=room, guest_id=name, adults=2, **night, **price)
    bodies: list[Record] = [
        made,
        CheckedIn(reservation_id=name, room_id=room),
        ChargePosted(reservation_id=name, **charge),
        CheckedOut(reservation_id=name, room_id=room),
    ]
    noon = number // ROOMS * 288
    yield from ((f"{name}-{step}", body, noon + 70 * step) for step, body in enumerate(bodies))


def _intake(hotel: str, said: list[tuple[str, Record, int]]) -> Batched:
    """`said`: (id at the source, body, steps of the hotel's clock)."""
    facts = []
    for event, body, step in said:
        own: dict[str, Any] = {NAMES[type(body)]: body}
        facts.append(
            RoomsFact(
                fact_id=source_id(hotel, "bench", event),
                occurred_at=step * STEP_MS,
                source_system="bench",
                source_event_id=event,
                **own,
            )
        )
    head = {"batch_id": new_id(), "property_id": hotel, "actor_id": "bench", "source_system": "bench"}
    return topics.ROOMS_INTAKE, hotel, RoomsIntake(**head, facts=facts), None


def _rooms() -> list[str]:
    return [str(101 + number) for number in range(ROOMS)]


def _head(hotel: str, actor_id: str = "bench", actor_role: str = "manager") -> dict[str, Any]:
    return {
        "command_id": new_id(),
        "property_id": hotel,
        "actor_id": actor_id,
        "actor_role": actor_role,
        "claimed_at": 1,
    }
