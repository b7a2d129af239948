"""A row of the public "hotel booking demand" layout -> facts. Pure.

The rules are those of `docs/how-to/import-bookings.md`: times of day, what a status
means, who is complimentary.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.ids import derived_id, row_id
from schemas.records.rooms import (
    ChargePosted,
    CheckedIn,
    CheckedOut,
    ReservationCancelled,
    ReservationMade,
    ReservationNoShow,
    RoomsFact,
)

LAYOUT = "hotel-booking-demand"
SOURCE = "bookings"
CURRENCY = "EUR"
COLUMNS = (
    "hotel", "is_canceled", "lead_time", "arrival_date_year", "arrival_date_month",
    "arrival_date_week_number", "arrival_date_day_of_month", "stays_in_weekend_nights",
    "stays_in_week_nights", "adults", "children", "babies", "meal", "country", "market_segment",
    "distribution_channel", "is_repeated_guest", "previous_cancellations",
    "previous_bookings_not_canceled", "reserved_room_type", "assigned_room_type", "booking_changes",
    "deposit_type", "agent", "company", "days_in_waiting_list", "customer_type", "adr",
    "required_car_parking_spaces", "total_of_special_requests", "reservation_status",
    "reservation_status_date",
)  # fmt: skip
STATUSES = ("Check-Out", "Canceled", "No-Show")
MAX_NIGHTS = 1_000
# The warehouse's dates begin in 1900 and end in 2299; no hotel's files reach that far.
YEARS = range(1970, 2200)
_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_ABSENT = ("", "NA", "NULL")


class BadRow(ValueError):
    """The row can't be imported; the text says which column and why."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A row that makes sense. `nights` 0 is day use; `ended` is the day of its status."""

    arrival: datetime.date
    nights: int
    booked_on: datetime.date
    status: str
    ended: datetime.date
    rate: Decimal
    adults: int
    children: int
    babies: int
    room_type: str
    segment: str
    channel: str
    country: str

    @property
    def departure(self) -> datetime.date:
        return self.arrival + datetime.timedelta(self.nights)

    @property
    def complimentary(self) -> bool:
        """Occupied, not sold. Other rows with rate 0 are sold at zero."""
        return self.segment == "Complementary" and self.rate == 0


def booking(row: Mapping[str, str]) -> Booking:
    """The row's values. Raises BadRow."""
    month = row["arrival_date_month"]
    if month not in _MONTHS:
        raise BadRow(f"arrival_date_month is {month!r}, no month's English name")
    try:
        arrival = datetime.date(
            _whole(row, "arrival_date_year"), _MONTHS[month], _whole(row, "arrival_date_day_of_month")
        )
        booked_on = arrival - datetime.timedelta(_whole(row, "lead_time"))
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, BadRow) else BadRow(f"no such day: {error}") from error
    _sensible("arrival", arrival)
    _sensible("arrival less lead_time", booked_on)
    nights = _whole(row, "stays_in_weekend_nights") + _whole(row, "stays_in_week_nights")
    if nights > MAX_NIGHTS:
        raise BadRow(f"{nights} nights are more than {MAX_NIGHTS}")
    status = row["reservation_status"]
    if status not in STATUSES:
        raise BadRow(f"reservation_status is {status!r}, not one of {', '.join(STATUSES)}")
    try:
        ended = datetime.date.fromisoformat(row["reservation_status_date"])
    except ValueError as error:
        raise BadRow(f"reservation_status_date is {row['reservation_status_date']!r}, not a day") from error
    _sensible("reservation_status_date", ended)
    return Booking(
        arrival=arrival,
        nights=nights,
        booked_on=booked_on,
        status=status,
        ended=ended,
        rate=_money(row, "adr"),
        adults=_people(row, "adults"),
        children=_people(row, "children"),
        babies=_people(row, "babies"),
        room_type=_line(row, "assigned_room_type"),
        segment=_line(row, "market_segment"),
        channel=_line(row, "distribution_channel"),
        country=_line(row, "country"),
    )


def facts(row_key: str, found: Booking, zone: ZoneInfo) -> list[RoomsFact]:
    """What the row says, in order. Each fact's id derives from the row's and its place."""
    reservation_id = derived_id(row_key)
    said: list[RoomsFact] = []

    def say(day: datetime.date, hour: int, event: str, **body: object) -> None:
        name = f"{row_key}/{event}"
        said.append(
            RoomsFact(
                fact_id=derived_id(row_key, event),
                occurred_at=at(day, hour, zone),
                source_system=SOURCE,
                source_event_id=name,
                **body,  # type: ignore[arg-type]  # one body, by its field's name
            )
        )

    made = ReservationMade(
        reservation_id=reservation_id,
        arrival=found.arrival,
        departure=found.departure,
        booked_on=found.booked_on,
        room_type=found.room_type,
        rate=found.rate,
        currency=CURRENCY,
        adults=found.adults,
        children=found.children,
        babies=found.babies,
        segment=found.segment,
        channel=found.channel,
        country=found.country,
        complimentary=found.complimentary,
    )
    say(found.booked_on, 9, "made", reservation_made=made)
    if found.status == "Canceled":
        say(
            found.ended,
            12,
            "cancelled",
            reservation_cancelled=ReservationCancelled(reservation_id=reservation_id),
        )
    elif found.status == "No-Show":
        say(found.ended, 23, "no-show", reservation_no_show=ReservationNoShow(reservation_id=reservation_id))
    else:
        first, last = (15, 11) if found.nights else (10, 18)  # day use: from 10:00 to 18:00
        say(found.arrival, first, "in", checked_in=CheckedIn(reservation_id=reservation_id))
        for night in range(found.nights):
            day = found.arrival + datetime.timedelta(night)
            charge = ChargePosted(
                charge_id=derived_id(row_key, "charge", night),
                reservation_id=reservation_id,
                business_date=day,
                kind="room",
                amount=found.rate,
                currency=CURRENCY,
            )
            say(day, 23, f"night-{night}", charge_posted=charge)
        say(found.departure, last, "out", checked_out=CheckedOut(reservation_id=reservation_id))
    return said


def key(property_id: str, canonical: str, occurrence: int) -> str:
    """The row's identity: the source has none, and equal rows are different reservations."""
    return row_id(property_id, LAYOUT, canonical, occurrence)


@lru_cache(maxsize=8192)
def at(day: datetime.date, hour: int, zone: ZoneInfo) -> int:
    """Milliseconds since 1970 of that hour of the day where the hotel is."""
    local = datetime.datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    return int(local.timestamp()) * 1000


def _sensible(what: str, day: datetime.date) -> None:
    if day.year not in YEARS:
        raise BadRow(f"{what} is {day}, not between {YEARS[0]} and {YEARS[-1]}")


def _whole(row: Mapping[str, str], column: str) -> int:
    text = row[column]
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise BadRow(f"{column} is {text[:40]!r}, not a whole number")
    return int(text)


def _people(row: Mapping[str, str], column: str) -> int:
    text = row[column]
    if text in _ABSENT:
        return 0
    try:
        number = int(float(text))
    except (ValueError, OverflowError) as error:
        raise BadRow(f"{column} is {text[:40]!r}, not a number of people") from error
    if not 0 <= number <= 1000:
        raise BadRow(f"{column} is {number}, not between 0 and 1000")
    return number


def _money(row: Mapping[str, str], column: str) -> Decimal:
    text = row[column]
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise BadRow(f"{column} is {text[:40]!r}, not an amount") from error
    if not amount.is_finite() or abs(amount) >= 10**9 or amount != round(amount, 4):
        raise BadRow(f"{column} is {text[:40]}, not an amount with at most 4 decimals")
    return amount


def _line(row: Mapping[str, str], column: str) -> str:
    text = row[column]
    if len(text) > 300:
        raise BadRow(f"{column} has {len(text)} characters, more than 300")
    return "" if text in _ABSENT else text
