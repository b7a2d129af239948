"""`deliveries`, `system`, `dead_letters`: what became of a push, what went wrong, what could not be read."""

from __future__ import annotations

from typing import Literal

from schemas.record import Id, Line, Millis, Record, Text

DeliveryState = Literal["accepted", "delivered", "shown", "failed", "pruned"]
SystemKind = Literal["part_died", "lag", "dead_letters", "push_refused", "stalled", "restated", "audit"]


class Delivery(Record, frozen=True, kw_only=True):
    """One step of one push: `accepted` is the push service's word, `delivered` and `shown` the browser's."""

    event_id: Id
    property_id: Id
    notification_id: Id
    user_id: Id
    subscription_id: Id
    state: DeliveryState
    status: int = 0
    detail: Line = ""
    at: Millis


class SystemAlert(Record, frozen=True, kw_only=True):
    """A watchdog's word to admins. `property_id` "*" means the whole group.

    `over`: what it said before of this kind and part has ended.
    """

    event_id: Id
    property_id: Id
    kind: SystemKind
    part: Line
    sentence: Text
    value: float = 0.0
    at: Millis
    over: bool = False


class DeadLetter(Record, frozen=True, kw_only=True):
    """What could not be decoded or is invalid: the raw bytes, where they lay, why, who found it.

    `outcome`: what became of the letter with this id, `replayed` or `dropped`; found again, it is open again.
    """

    event_id: Id
    property_id: Line
    topic: Line
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    reason: Text
    found_by: Line
    at: Millis
    outcome: Line = ""
