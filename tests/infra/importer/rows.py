"""Rows of the bookings layout for tests."""

from __future__ import annotations

from infra.importer.bookings import COLUMNS

BASE = {
    "hotel": "City Hotel", "is_canceled": "0", "lead_time": "6", "arrival_date_year": "2016",
    "arrival_date_month": "March", "arrival_date_week_number": "13", "arrival_date_day_of_month": "26",
    "stays_in_weekend_nights": "1", "stays_in_week_nights": "1", "adults": "2", "children": "NA",
    "babies": "0", "meal": "BB", "country": "PRT", "market_segment": "Online TA",
    "distribution_channel": "TA/TO", "is_repeated_guest": "0", "previous_cancellations": "0",
    "previous_bookings_not_canceled": "0", "reserved_room_type": "A", "assigned_room_type": "D",
    "booking_changes": "0", "deposit_type": "No Deposit", "agent": "6", "company": "NULL",
    "days_in_waiting_list": "0", "customer_type": "Transient", "adr": "76.5",
    "required_car_parking_spaces": "0", "total_of_special_requests": "0",
    "reservation_status": "Check-Out", "reservation_status_date": "2016-03-28",
}  # fmt: skip


def row(**changes: str) -> dict[str, str]:
    """A good row with these cells changed."""
    return BASE | changes


def line(**changes: str) -> str:
    """The same as a line of CSV."""
    return ",".join(row(**changes)[name] for name in COLUMNS) + "\n"


HEADING = ",".join(COLUMNS) + "\n"
