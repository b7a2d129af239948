"""Strategies for lists of facts of each agent, about few entities, so that they meet."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from schemas.records import alerts, notifications, rooms, services, staff
from schemas.records.alerts import AlertsFact
from schemas.records.base import FactHeader
from schemas.records.notifications import NotificationsFact
from schemas.records.rooms import RoomsFact
from schemas.records.services import ServicesFact
from schemas.records.staff import StaffFact

AT = st.integers(1, 20)
OWN, ROOM, GUEST = st.sampled_from("AB"), st.sampled_from(["101", "102"]), st.sampled_from(["ann", "bob"])
DAY = st.dates(datetime.date(2026, 3, 1), datetime.date(2026, 3, 5))


def facts(kind: type[FactHeader], **bodies: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Lists of facts, each with one of these bodies, at any of a few moments."""
    one = st.one_of(
        [st.builds(kind, fact_id=st.uuids().map(str), occurred_at=AT, **{n: b}) for n, b in bodies.items()]
    )
    return st.lists(one, max_size=12)


def status() -> st.SearchStrategy[rooms.RoomStatusChanged]:
    return st.sampled_from(sorted(rooms.DIMENSION_VALUES)).flatmap(
        lambda dimension: st.builds(
            rooms.RoomStatusChanged,
            room_id=ROOM,
            dimension=st.just(dimension),
            value=st.sampled_from(rooms.DIMENSION_VALUES[dimension]),
            reason=st.sampled_from(["", "leak"]),
            until=st.none() | AT,
        )
    )


ROOMS = facts(
    RoomsFact,
    room_status_changed=status(),
    reservation_made=st.builds(
        rooms.ReservationMade,
        reservation_id=OWN, arrival=DAY, departure=DAY, booked_on=DAY, room_id=st.none() | ROOM,
        guest_id=st.none() | GUEST, rate=st.just(Decimal(1)), currency=st.just("EUR"),
        adults=st.integers(0, 3), room_type=st.sampled_from(["", "double"]), complimentary=st.booleans(),
    ),
    reservation_cancelled=st.builds(rooms.ReservationCancelled, reservation_id=OWN),
    reservation_no_show=st.builds(rooms.ReservationNoShow, reservation_id=OWN),
    room_assigned=st.builds(rooms.RoomAssigned, reservation_id=OWN, room_id=ROOM),
    checked_in=st.builds(
        rooms.CheckedIn, reservation_id=OWN, room_id=st.none() | ROOM, guest_id=st.none() | GUEST
    ),
    checked_out=st.builds(rooms.CheckedOut, reservation_id=OWN, room_id=st.none() | ROOM),
    check_in_reversed=st.builds(rooms.CheckInReversed, reservation_id=OWN),
    check_out_reversed=st.builds(rooms.CheckOutReversed, reservation_id=OWN),
    charge_voided=st.builds(rooms.ChargeVoided, charge_id=st.sampled_from("cd"), reservation_id=OWN),
    charge_posted=st.builds(
        rooms.ChargePosted,
        charge_id=st.sampled_from("cd"), reservation_id=OWN, business_date=DAY,
        kind=st.sampled_from(["room", "food"]),
        amount=st.just(Decimal(1)), currency=st.just("EUR"),
    ),
    night_audit_done=st.builds(rooms.NightAuditDone, closed=DAY, opened=DAY),
    discrepancy_found=st.builds(
        rooms.DiscrepancyFound, room_id=ROOM, kind=st.sampled_from(["none", "sleep", "skip"])
    ),
)  # fmt: skip
STEP = {"request_id": OWN, "staff_id": GUEST}
SERVICES = facts(
    ServicesFact,
    requested=st.builds(
        services.ServiceRequested,
        request_id=OWN, room_id=ROOM, guest_id=st.none() | GUEST, item=st.just("towels"),
        department=st.just("housekeeping"), priority=st.integers(1, 4), credits=st.just(0.5),
        note=st.sampled_from(["", "soft"]), accept_by=AT, resolve_by=AT,
    ),
    assigned=st.builds(services.ServiceAssigned, **STEP),
    released=st.builds(services.ServiceReleased, **STEP),
    accepted=st.builds(services.ServiceAccepted, **STEP),
    started=st.builds(services.ServiceStarted, **STEP),
    completed=st.builds(services.ServiceCompleted, **STEP),
    cancelled=st.builds(services.ServiceCancelled, request_id=OWN),
    reopened=st.builds(services.ServiceReopened, request_id=OWN),
    rated=st.builds(services.ServiceRated, request_id=OWN, score=st.integers(1, 5)),
    breached=st.builds(
        services.ServiceBreached,
        request_id=OWN, promise=st.sampled_from(["accept", "resolve"]), due_at=AT,
    ),
)  # fmt: skip
SHIFT = {"shift_id": OWN, "staff_id": GUEST}
STAFF = facts(
    StaffFact,
    shift_planned=st.builds(
        staff.ShiftPlanned, **SHIFT, department=st.just("x"), starts_at=AT, ends_at=AT
    ),
    shift_started=st.builds(
        staff.ShiftStarted, **SHIFT, department=st.just("x"), ends_at=AT, zones=st.just(["floor-1"])
    ),
    shift_ended=st.builds(staff.ShiftEnded, **SHIFT),
    break_started=st.builds(staff.BreakStarted, **SHIFT),
    break_ended=st.builds(staff.BreakEnded, **SHIFT),
)  # fmt: skip
ALERTS = facts(
    AlertsFact,
    emergency_raised=st.builds(
        alerts.EmergencyRaised,
        alert_id=OWN, kind=st.sampled_from(["fire", "panic"]), room_id=st.none() | ROOM,
        location=st.just("lobby"), drill=st.booleans(), realert_at=AT,
    ),
    emergency_realerted=st.builds(
        alerts.EmergencyRealerted, alert_id=OWN, times=st.integers(28, 31), realert_at=AT
    ),
    emergency_acknowledged=st.builds(alerts.EmergencyAcknowledged, alert_id=OWN, staff_id=GUEST),
    emergency_resolved=st.builds(alerts.EmergencyResolved, alert_id=OWN, staff_id=GUEST),
    announced=st.builds(
        alerts.Announced,
        announcement_id=OWN, audience=st.sampled_from(["house", "staff"]), title=st.just("t"),
        body=st.just("b"), until=AT,
    ),
)  # fmt: skip
# A notification is one person's for good.
BELL = {"notification_id": st.just("n"), "user_id": st.just("ann")}
NOTIFICATIONS = facts(
    NotificationsFact,
    notified=st.builds(
        notifications.Notified,
        **BELL, category=st.just("request"), title=st.just("t"), body=st.sampled_from("ab"),
        channels=st.just(["bell"]), expires_at=AT,
    ),
    seen=st.builds(notifications.NotificationSeen, **BELL),
    read=st.builds(notifications.NotificationRead, **BELL),
    expired=st.builds(notifications.NotificationExpired, **BELL),
)  # fmt: skip
