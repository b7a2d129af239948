"""What no hotel has is found wherever it stands; what hotels have is not."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from schemas.record import Record
from schemas.records.alerts import Announce
from schemas.records.rooms import ChargePosted, NightAuditDone, PostCharge, RoomStatusChanged
from schemas.records.services import ServiceRequested
from streams.rules.limits import LATEST_MS, MOST_MONEY, beyond, time_beyond

DAY = datetime.date(2026, 3, 1)


def charged(amount: str, day: datetime.date = DAY) -> ChargePosted:
    return ChargePosted(
        charge_id="c", reservation_id="R", business_date=day, kind="room", amount=Decimal(amount),
        currency="EUR",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (charged("1000000000.0001"), "amount"),
        (charged("-1000000001"), "amount"),
        (charged("NaN"), "amount"),
        (charged("1", datetime.date(1, 1, 1)), "business_date"),
        (PostCharge(reservation_id="R", kind="room", amount=Decimal("Infinity")), "amount"),
        (NightAuditDone(closed=DAY, opened=datetime.date.max), "opened"),
        (RoomStatusChanged(room_id="1", dimension="block", value="none", until=-1), "until"),
        (Announce(audience="house", title="t", body="b", until=LATEST_MS), "until"),
        (
            ServiceRequested(
                request_id="r", room_id="1", item="i", department="d", priority=1, credits=float("inf"),
                accept_by=1, resolve_by=2,
            ),
            "credits",
        ),
    ],
)  # fmt: skip
def test_beyond(body: Record, name: str) -> None:
    assert beyond(body).startswith(f"{name} is ")


def test_within() -> None:
    assert beyond(charged("-12.50")) == beyond(charged(str(MOST_MONEY))) == ""
    assert beyond(RoomStatusChanged(room_id="1", dimension="block", value="none")) == ""
    assert beyond(NightAuditDone(closed=DAY, opened=DAY)) == ""
    assert (time_beyond(0), time_beyond(LATEST_MS - 1)) == ("", "")
    assert time_beyond(-1) == time_beyond(LATEST_MS) != ""
