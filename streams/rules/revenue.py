"""Revenue of one hotel by business date: a fold of the charges on `rooms`.

A room night is sold when its room charge is posted: once per reservation and business date, however many
corrections follow, unless every one of them is voided. Complimentary nights are occupied, not sold, and told
apart; day use is revenue but no night, and so is what a guest pays who did not come.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from schemas.record import Record
from schemas.records import rooms as said
from schemas.records.base import FactHeader
from schemas.records.folds import RevenueState
from streams.rules.folio import Folio
from streams.rules.remembering import chunks


class Day(msgspec.Struct, array_like=True):
    """Sums of one business date."""

    currency: str = ""
    room_revenue: Decimal = Decimal(0)
    other_revenue: Decimal = Decimal(0)
    nights: dict[str, int] = msgspec.field(
        default_factory=lambda: {"sold": 0, "complimentary": 0, "day_use": 0, "missed": 0}
    )
    charges: int = 0

    def add(self, room: bool, amount: Decimal, charges: int) -> None:
        """Take charges in, or out again."""
        if room:
            self.room_revenue += amount
        else:
            self.other_revenue += amount
        self.charges += charges


_DAYS = msgspec.msgpack.Decoder(list[tuple[datetime.date, Day]])
_FOLIOS = msgspec.msgpack.Decoder(list[tuple[str, Folio]])


class Fold:
    """One hotel."""

    def __init__(self, property_id: str) -> None:
        self._property_id = property_id
        self._days: defaultdict[datetime.date, Day] = defaultdict(Day)
        self._folios: defaultdict[str, Folio] = defaultdict(Folio)
        self._changed: set[datetime.date] = set()

    def apply(self, topic: str, fact: FactHeader, body: Record) -> None:
        """Fold one fact of `rooms`."""
        match body:
            case said.ChargePosted():
                self._charge(body)
            case said.ReservationMade():
                folio = self._folios[body.reservation_id]
                booked = (fact.occurred_at, body.departure, body.arrival, body.complimentary)
                folio.booked = booked if folio.booked is None else max(folio.booked, booked)
                self._recount(folio)
            case said.ChargeVoided():
                self._void(body)
            case (
                said.ReservationCancelled() | said.ReservationNoShow() | said.CheckedIn() | said.CheckedOut()
                | said.CheckInReversed() | said.CheckOutReversed()
            ):  # fmt: skip
                self._folios[body.reservation_id].take(body, fact.occurred_at)
                self._recount(self._folios[body.reservation_id])
            case _:  # only money and what it is for counts here
                pass

    def _charge(self, body: said.ChargePosted) -> None:
        day, folio = self._days[body.business_date], self._folios[body.reservation_id]
        day.currency = max(day.currency, body.currency)  # one; were there two, not the last one heard
        self._changed.add(body.business_date)
        night = body.kind == "room" and body.business_date not in folio.dates()
        if folio.post(body):
            day.add(body.kind == "room", body.amount, 1)
            day.nights[folio.counts_as] += night

    def _void(self, body: said.ChargeVoided) -> None:
        folio = self._folios[body.reservation_id]
        before = folio.dates()
        for date, room, amount in folio.void(body.charge_id):
            self._days[date].add(room, -amount, -1)
            self._changed.add(date)
        for date in before - folio.dates():
            self._days[date].nights[folio.counts_as] -= 1

    def _recount(self, folio: Folio) -> None:
        """The reservation may be heard of after its charges: what they counted as is set right."""
        counts_as = folio.kind()
        if counts_as != folio.counts_as:
            for date in folio.dates():
                self._days[date].nights[folio.counts_as] -= 1
                self._days[date].nights[counts_as] += 1
                self._changed.add(date)
            folio.counts_as = counts_as

    def remember(self) -> Iterator[tuple[str, bytes]]:
        """All of it, in parts for `recall`; nothing may be folded between them."""
        yield from chunks("days", self._days.items())
        yield from chunks("folios", self._folios.items())

    def recall(self, part: str, chunk: bytes) -> None:
        """One part of what was remembered, into a new fold. Every date counts as changed."""
        match part:
            case "days":
                days = dict(_DAYS.decode(chunk))
                self._days.update(days)
                self._changed.update(days)
            case "folios":
                self._folios.update(_FOLIOS.decode(chunk))
            case _:
                raise ValueError(part)

    def snapshot(self, vector: dict[str, int], as_of: int) -> list[RevenueState]:
        """The business dates that changed since the last snapshot."""
        changed = sorted(self._changed)
        self._changed.clear()
        return [self._state(date, self._days[date], vector, as_of) for date in changed]

    def _state(self, date: datetime.date, day: Day, vector: dict[str, int], as_of: int) -> RevenueState:
        return RevenueState(
            property_id=self._property_id,
            kind="revenue",
            id=date.isoformat(),
            vector=vector,
            as_of=as_of,
            business_date=date,
            currency=day.currency,
            room_revenue=day.room_revenue,
            other_revenue=day.other_revenue,
            # Occupied overnight, as the tables say it: complimentary ones are among them.
            room_nights=day.nights["sold"] + day.nights["complimentary"],
            complimentary_nights=day.nights["complimentary"],
            charges=day.charges,
        )
