"""Revenue by business date, counted from all charges and what was said of their reservations. Pure."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from infra.oracle.folds.moves import MOVES, Moves
from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import FactHeader


class Plain:
    """One hotel."""

    def __init__(self) -> None:
        self._charges: list[said.ChargePosted] = []
        self._voids: set[tuple[str, str]] = set()
        self._booked: dict[str, tuple[int, datetime.date, datetime.date, bool]] = {}
        self._missed: set[str] = set()
        self._moves: defaultdict[str, Moves] = defaultdict(Moves)

    def take(self, fact: FactHeader, body: Record) -> None:
        """One fact of `rooms`."""
        if isinstance(body, said.ChargePosted):
            self._charges.append(body)
        elif isinstance(body, said.ChargeVoided):
            self._voids.add((body.reservation_id, body.charge_id))
        elif isinstance(body, said.ReservationMade):
            word = (fact.occurred_at, body.departure, body.arrival, body.complimentary)
            self._booked[body.reservation_id] = max(self._booked.get(body.reservation_id, word), word)
        elif isinstance(body, said.ReservationCancelled | said.ReservationNoShow):
            self._missed.add(body.reservation_id)
        elif isinstance(body, MOVES):
            self._moves[body.reservation_id].take(fact, body)

    def values(self, as_of: int) -> dict[str, dict[str, Any]]:
        """What each business date must say: id -> field -> value."""
        by_date: defaultdict[datetime.date, list[said.ChargePosted]] = defaultdict(list)
        for one in self._charges:
            by_date[one.business_date].append(one)
        return {date.isoformat(): self._day(date, posted) for date, posted in by_date.items()}

    def _day(self, date: datetime.date, posted: list[said.ChargePosted]) -> dict[str, Any]:
        """One business date; a charge that was voided does not count, but its date is one with charges."""
        valid = [one for one in posted if (one.reservation_id, one.charge_id) not in self._voids]
        rooms = [one for one in valid if one.kind == "room"]
        nights = Counter(self._kind(own) for own in {one.reservation_id for one in rooms})
        return {
            "business_date": date,
            "currency": max(one.currency for one in posted),
            "room_revenue": sum((one.amount for one in rooms), Decimal(0)),
            "other_revenue": sum((one.amount for one in valid if one.kind != "room"), Decimal(0)),
            "room_nights": nights["sold"] + nights["complimentary"],
            "complimentary_nights": nights["complimentary"],
            "charges": len(valid),
        }

    def _kind(self, reservation_id: str) -> str:
        """As which nights a reservation's room charges count: a day let is no night, nor is a no-show's."""
        if reservation_id in self._missed and self._moves[reservation_id].stands() is None:
            return "missed"
        _, departure, arrival, complimentary = self._booked.get(
            reservation_id, (0, datetime.date.max, datetime.date.min, False)
        )
        return "day use" if departure <= arrival else "complimentary" if complimentary else "sold"
