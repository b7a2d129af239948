"""Revenue by business date, counted from all charges and what was said of their reservations. Pure."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import FactHeader


class Plain:
    """One hotel."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[datetime.date, bool], Decimal] = defaultdict(Decimal)
        self._charges: Counter[datetime.date] = Counter()
        self._currency: defaultdict[datetime.date, str] = defaultdict(str)
        self._nights: set[tuple[datetime.date, str]] = set()
        self._booked: dict[str, tuple[int, datetime.date, datetime.date, bool]] = {}
        self._missed: set[str] = set()
        self._stayed: set[str] = set()

    def take(self, fact: FactHeader, body: Record) -> None:
        """One fact of `rooms`."""
        if isinstance(body, said.ChargePosted):
            date = body.business_date
            self._sums[date, body.kind == "room"] += body.amount
            self._charges[date] += 1
            self._currency[date] = max(self._currency[date], body.currency)
            if body.kind == "room":
                self._nights.add((date, body.reservation_id))
        elif isinstance(body, said.ReservationMade):
            word = (fact.occurred_at, body.departure, body.arrival, body.complimentary)
            self._booked[body.reservation_id] = max(self._booked.get(body.reservation_id, word), word)
        elif isinstance(body, said.ReservationCancelled | said.ReservationNoShow):
            self._missed.add(body.reservation_id)
        elif isinstance(body, said.CheckedIn | said.CheckedOut):
            self._stayed.add(body.reservation_id)

    def values(self, as_of: int) -> dict[str, dict[str, Any]]:
        """What each business date must say: id -> field -> value."""
        nights = Counter((date, self._kind(own)) for date, own in self._nights)
        return {
            date.isoformat(): {
                "business_date": date,
                "currency": self._currency[date],
                "room_revenue": self._sums[date, True],
                "other_revenue": self._sums[date, False],
                "room_nights": nights[date, "sold"] + nights[date, "complimentary"],
                "complimentary_nights": nights[date, "complimentary"],
                "charges": count,
            }
            for date, count in self._charges.items()
        }

    def _kind(self, reservation_id: str) -> str:
        """As which nights a reservation's room charges count: a day let is no night, nor is a no-show's."""
        if reservation_id in self._missed and reservation_id not in self._stayed:
            return "missed"
        _, departure, arrival, complimentary = self._booked.get(
            reservation_id, (0, datetime.date.max, datetime.date.min, False)
        )
        return "day use" if departure <= arrival else "complimentary" if complimentary else "sold"
