"""What the revenue fold keeps of a reservation: its charges, packed: there will be more of them for ever.

A charge may be voided at any age, and then has to be known: 21 bytes each instead of 200 for an object.
"""

from __future__ import annotations

import datetime
import hashlib
import struct
from collections.abc import Iterator
from decimal import Decimal

from schemas.course import STAYS, Course
from schemas.record import MONEY_SCALE
from schemas.records.rooms import ChargePosted

# Fingerprint of the charge's id, ordinal of its date, whether it is a room's, amount in ten-thousandths.
_CHARGE = struct.Struct("<8siBq")
_UNIT = 10**MONEY_SCALE
_ID = 8


class Folio(Course):
    """`counts_as`: what its room charges count as now. `booked`: (said at in ms, departure, arrival,
    complimentary), the latest word; at the same time the greatest.
    """

    counts_as: str = "sold"
    charges: bytes = b""
    voids: bytes = b""
    booked: tuple[int, datetime.date, datetime.date, bool] | None = None

    def kind(self) -> str:
        """As which nights its room charges count."""
        if self.missed != "made" and self.status not in STAYS:
            return "missed"
        if self.booked is None:
            return "sold"
        _, departure, arrival, complimentary = self.booked
        return "day_use" if departure <= arrival else "complimentary" if complimentary else "sold"

    def post(self, body: ChargePosted) -> bool:
        """Keep a charge; whether it counts."""
        own = _print(body.charge_id)
        amount = int(body.amount * _UNIT)
        self.charges += _CHARGE.pack(own, body.business_date.toordinal(), body.kind == "room", amount)
        return not self._void(own)

    def void(self, charge_id: str) -> list[tuple[datetime.date, bool, Decimal]]:
        """The charges (date, whether a room's, amount) that counted until now."""
        own = _print(charge_id)
        if self._void(own):
            return []
        self.voids += own
        return [(date, room, amount) for found, date, room, amount in self._all() if found == own]

    def dates(self) -> set[datetime.date]:
        """The business dates with a room charge that counts."""
        return {date for own, date, room, _ in self._all() if room and not self._void(own)}

    def _void(self, own: bytes) -> bool:
        return any(self.voids[at : at + _ID] == own for at in range(0, len(self.voids), _ID))

    def _all(self) -> Iterator[tuple[bytes, datetime.date, bool, Decimal]]:
        for own, date, room, amount in _CHARGE.iter_unpack(self.charges):
            yield own, datetime.date.fromordinal(date), bool(room), Decimal(amount) / _UNIT


def _print(charge_id: str) -> bytes:
    return hashlib.blake2b(charge_id.encode(), digest_size=_ID).digest()
