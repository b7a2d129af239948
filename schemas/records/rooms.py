"""`rooms`: the house. Room status, reservations, stays, charges, night audit together."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from msgspec import Meta

from schemas.record import Id, Line, Millis, Money, Record, Text
from schemas.records.base import AnswerHeader, CommandHeader, EntityHeader, FactHeader, IntakeHeader, Tick

Dimension = Literal["front_office", "housekeeping", "block", "guest_service", "seen"]
FrontOffice = Literal["vacant", "occupied"]
Housekeeping = Literal["clean", "dirty", "pickup", "inspected"]
Block = Literal["none", "out_of_order", "out_of_service"]
GuestService = Literal["none", "do_not_disturb", "make_up_room", "service_declined"]
Seen = Literal["unknown", "vacant", "occupied"]
ReservationStatus = Literal["made", "cancelled", "no_show", "in_house", "checked_out"]
ChargeKind = Literal["room", "food", "minibar", "spa", "other"]
DiscrepancyKind = Literal["none", "sleep", "skip", "person", "double_occupancy", "blocked", "not_ready"]

DIMENSION_VALUES: dict[str, tuple[str, ...]] = {
    "front_office": ("vacant", "occupied"),
    "housekeeping": ("clean", "dirty", "pickup", "inspected"),
    "block": ("none", "out_of_order", "out_of_service"),
    "guest_service": ("none", "do_not_disturb", "make_up_room", "service_declined"),
    "seen": ("unknown", "vacant", "occupied"),
}

Guests = Annotated[int, Meta(ge=0, le=1000)]


class RoomStatusChanged(Record, frozen=True, kw_only=True):
    """One dimension of a room has a new value; the other dimensions stay as they are.

    `seen` is what housekeeping found, with how many `persons`. `derived`: it follows from stays, and the
    front office then says who is in the room.
    """

    room_id: Id
    dimension: Dimension
    value: Line
    reason: Text = ""
    until: Millis | None = None
    persons: Guests | None = None
    derived: bool = False
    reservation_id: Id | None = None
    guest_id: Id | None = None


class ReservationMade(Record, frozen=True, kw_only=True):
    """A reservation exists. Nights are departure - arrival; 0 nights is day use."""

    reservation_id: Id
    arrival: datetime.date
    departure: datetime.date
    booked_on: datetime.date
    room_type: Line = ""
    room_id: Id | None = None
    guest_id: Id | None = None
    rate: Money
    currency: Line
    adults: Guests = 0
    children: Guests = 0
    babies: Guests = 0
    segment: Line = ""
    channel: Line = ""
    country: Line = ""
    complimentary: bool = False


class ReservationCancelled(Record, frozen=True, kw_only=True):
    """The reservation was cancelled; terminal but for the property system's own later word."""

    reservation_id: Id
    reason: Text = ""


class ReservationNoShow(Record, frozen=True, kw_only=True):
    """The guest did not come."""

    reservation_id: Id


class RoomAssigned(Record, frozen=True, kw_only=True):
    """The reservation got a room (or another one: whoever stays has moved)."""

    reservation_id: Id
    room_id: Id


class CheckedIn(Record, frozen=True, kw_only=True):
    """The stay began. `room_id` is null where the source does not say it."""

    reservation_id: Id
    room_id: Id | None = None
    guest_id: Id | None = None


class CheckedOut(Record, frozen=True, kw_only=True):
    """The stay ended."""

    reservation_id: Id
    room_id: Id | None = None


class CheckInReversed(Record, frozen=True, kw_only=True):
    """The guest did not come after all: what was said of coming and going up to now does not count."""

    reservation_id: Id
    reason: Text = ""


class CheckOutReversed(Record, frozen=True, kw_only=True):
    """The guest did not leave after all: what was said of going up to now does not count."""

    reservation_id: Id
    reason: Text = ""


class ChargePosted(Record, frozen=True, kw_only=True):
    """Money on the folio, of a business date; `amount` in `currency`, negative for a correction."""

    charge_id: Id
    reservation_id: Id
    business_date: datetime.date
    kind: ChargeKind
    amount: Money
    currency: Line
    text: Line = ""


class ChargeVoided(Record, frozen=True, kw_only=True):
    """A charge of this reservation does not count on the business date it was posted for, as if it never was.

    For good, whenever that is heard; a charge that is to count again is posted anew, under another id.
    """

    charge_id: Id
    reservation_id: Id
    reason: Text = ""


class NightAuditDone(Record, frozen=True, kw_only=True):
    """`closed` was closed; from now on the business date is `opened`."""

    closed: datetime.date
    opened: datetime.date


class DiscrepancyFound(Record, frozen=True, kw_only=True):
    """What is said of a room contradicts itself, or no more (none). Found by the agent, in the log's order.

    sleep: vacant but slept in; skip: occupied but empty; person: other guests than booked; double_occupancy:
    two reservations in it; blocked: occupied while out of order; not_ready: the guest came to a dirty room.
    """

    room_id: Id
    kind: DiscrepancyKind
    reason: Text = ""


class RoomsFact(FactHeader, frozen=True, kw_only=True):
    """One fact of the house; exactly one field below the head is set (all null: newer than this reader)."""

    room_status_changed: RoomStatusChanged | None = None
    reservation_made: ReservationMade | None = None
    reservation_cancelled: ReservationCancelled | None = None
    reservation_no_show: ReservationNoShow | None = None
    room_assigned: RoomAssigned | None = None
    checked_in: CheckedIn | None = None
    checked_out: CheckedOut | None = None
    charge_posted: ChargePosted | None = None
    night_audit_done: NightAuditDone | None = None
    discrepancy_found: DiscrepancyFound | None = None
    check_in_reversed: CheckInReversed | None = None
    check_out_reversed: CheckOutReversed | None = None
    charge_voided: ChargeVoided | None = None


class RoomsAnswer(AnswerHeader, frozen=True, kw_only=True):
    """What the room agent made of one input."""

    facts: list[RoomsFact] = []


class CheckIn(Record, frozen=True, kw_only=True):
    """Somebody arrives: the reservation moves into the room."""

    reservation_id: Id
    room_id: Id


class CheckOut(Record, frozen=True, kw_only=True):
    """The guest of the reservation leaves."""

    reservation_id: Id


class PostCharge(Record, frozen=True, kw_only=True):
    """Put money on the folio, on the current business date; the charge's id is the command's."""

    reservation_id: Id
    kind: ChargeKind
    amount: Money
    text: Line = ""


class CancelReservation(Record, frozen=True, kw_only=True):
    """Cancel a reservation that has not begun."""

    reservation_id: Id
    reason: Text = ""


class ReverseCheckIn(Record, frozen=True, kw_only=True):
    """The reservation was checked in by mistake, on the business date that is still open."""

    reservation_id: Id
    reason: Text = ""


class ReverseCheckOut(Record, frozen=True, kw_only=True):
    """The reservation was checked out by mistake, on the business date that is still open."""

    reservation_id: Id
    reason: Text = ""


class VoidCharge(Record, frozen=True, kw_only=True):
    """Take a charge off the folio, on whichever business date it is."""

    reservation_id: Id
    charge_id: Id
    reason: Text = ""


class RunNightAudit(Record, frozen=True, kw_only=True):
    """Close the business date `close`."""

    close: datetime.date


class RoomsCommand(CommandHeader, frozen=True, kw_only=True):
    """One command to the room agent; exactly one field below the head is set."""

    set_room_status: RoomStatusChanged | None = None
    make_reservation: ReservationMade | None = None
    cancel_reservation: CancelReservation | None = None
    assign_room: RoomAssigned | None = None
    check_in: CheckIn | None = None
    check_out: CheckOut | None = None
    post_charge: PostCharge | None = None
    run_night_audit: RunNightAudit | None = None
    tick: Tick | None = None
    reverse_check_in: ReverseCheckIn | None = None
    reverse_check_out: ReverseCheckOut | None = None
    void_charge: VoidCharge | None = None


class RoomsIntake(IntakeHeader, frozen=True, kw_only=True):
    """A batch of what a property system says of the house."""

    facts: list[RoomsFact]


class StatusWord(Record, frozen=True, kw_only=True):
    """What somebody said of a dimension, apart from what follows from stays."""

    at: Millis
    value: Line


class RoomWord(Record, frozen=True, kw_only=True):
    """A reservation is in (or for) this room from `at` on."""

    at: Millis
    room_id: Id


class RoomState(Record, frozen=True, kw_only=True):
    """A room now: each dimension with the time of its last change, who is in it, and what disagrees."""

    room_id: Id
    front_office: FrontOffice = "vacant"
    housekeeping: Housekeeping = "clean"
    block: Block = "none"
    guest_service: GuestService = "none"
    changed_at: dict[str, Millis] = {}
    block_reason: Text = ""
    block_until: Millis | None = None
    discrepancy: DiscrepancyKind = "none"
    reservation_id: Id | None = None
    guest_id: Id | None = None
    seen: Seen = "unknown"
    persons: Guests | None = None
    discrepancy_reason: Text = ""
    # The latest word on "front_office" and "housekeeping" that does not follow from a stay.
    words: dict[str, StatusWord] = {}


class ReservationState(Record, frozen=True, kw_only=True):
    """A reservation now. `status`: the highest of made < cancelled < no_show < in_house < checked_out that
    was said and not reversed since.
    """

    reservation_id: Id
    status: ReservationStatus = "made"
    arrival: datetime.date | None = None
    departure: datetime.date | None = None
    room_type: Line = ""
    room_id: Id | None = None
    guest_id: Id | None = None
    adults: Guests = 0
    children: Guests = 0
    babies: Guests = 0
    currency: Line = ""
    complimentary: bool = False
    changed_at: Millis = 0
    # When the source said what is known now: "made" (dates, type, guests), "room", "guest". The latest one.
    said_at: dict[str, Millis] = {}
    # Of several check-ins the first, of several check-outs the last; null where they were reversed.
    checked_in_at: Millis | None = None
    checked_out_at: Millis | None = None
    # The ids of its facts that carry no state of their own (charges): a repeated one has no effect.
    charge_ids: list[Id] = []
    # Every word on its room, by time: moves, and rooms that are told after the check-in.
    rooms: list[RoomWord] = []
    # What was heard already, whatever became of it: `<what>@<ms>`. A repeated one has no effect.
    marks: list[Line] = []
    # Fingerprint of the `reservation_made` that is known.
    made_as: Line = ""


class HouseState(Record, frozen=True, kw_only=True):
    """The hotel as a whole: its business date (null before the first night audit)."""

    business_date: datetime.date | None = None
    audited_at: Millis | None = None


class RoomsEntity(EntityHeader, frozen=True, kw_only=True):
    """One entity of the room agent; `kind` names the field that is set."""

    room: RoomState | None = None
    reservation: ReservationState | None = None
    house: HouseState | None = None
