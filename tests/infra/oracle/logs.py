"""A small log for the oracle's tests: a command, its answer, written as the agents write."""

from __future__ import annotations

from typing import Any

from infra.oracle.reading import Log, Logged
from schemas.codec import encode
from schemas.record import Record
from schemas.records.base import Cause, Why
from schemas.records.rooms import RoomsAnswer, RoomsCommand, RoomsFact, RoomStatusChanged


def command(command_id: str) -> RoomsCommand:
    """Somebody sets a room's status."""
    status = RoomStatusChanged(room_id="101", dimension="housekeeping", value="clean")
    return RoomsCommand(
        command_id=command_id, property_id="h", actor_id="a", actor_role="staff", claimed_at=1,
        set_room_status=status,
    )  # fmt: skip


def answer(offset: int, source: str, cause: int, **other: Any) -> RoomsAnswer:
    """The answer at `offset` to the command `source` at `cause`."""
    changed = RoomStatusChanged(room_id="101", dimension="housekeeping", value="clean")
    fact = RoomsFact(fact_id=f"fact-{source}", occurred_at=7, room_status_changed=changed)
    fields: dict[str, Any] = {
        "event_id": f"event-{source}", "property_id": "h", "recorded_at": 7, "actor_id": "a",
        "actor_role": "staff", "causation_id": source,
        "cause": Cause(topic="rooms.commands", partition=0, offset=cause), "expected": offset,
        "verdict": "accepted", "why": Why(rule="rooms@1", sentence="So be it."), "facts": [fact],
    }  # fmt: skip
    return RoomsAnswer(**(fields | other))


def log(commands: list[RoomsCommand], answers: list[RoomsAnswer]) -> Log:
    """These records in partition 0 of `rooms.commands` and `rooms`."""
    found = Log()
    given: dict[str, list[Any]] = {"rooms.commands": commands, "rooms": answers}
    for topic, records in given.items():
        found.records[topic, 0] = [logged(topic, at, record) for at, record in enumerate(records)]
        found.ends[topic, 0] = len(records)
    return found


def logged(topic: str, offset: int, record: Record | None, key: bytes = b"h") -> Logged:
    """A record where it lies, at 9 ms."""
    return Logged(topic, 0, offset, 9, key, None if record is None else encode(record))
