"""All canaries' ledgers and what came of them: the auditor's state. Pure; times are ms since 1970."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from infra.auditor.ledger import Found, Ledger, Said
from infra.auditor.slots import HOUR_MS, HOURS, Slots
from schemas.records.slo import SloHour, SloReport

# Who looks every second and did not for so long was stopped, or the machine slept.
ABSENT_MS = 10_000
EVERYBODY = "*"


Told = tuple[str, str, Found]
"""A verdict, and before it the canary and the channel that it is of."""


@dataclass(slots=True)
class Canary:
    """One client: the gateway it is at, and what it hears by channel."""

    gateway: str
    ledgers: dict[str, Ledger] = field(default_factory=dict)


class Audit:
    """What all canaries heard, held against the log, since `since`."""

    def __init__(self, now: int) -> None:
        self.since = now
        self.canaries: dict[str, Canary] = {}
        self.slots = Slots()
        self._looked = now

    def restore(self, hours: Iterable[SloHour]) -> None:
        """What earlier lives measured in the last thirty days: it has looked since then, with gaps."""
        known = [one for one in hours if one.at > self.since - HOURS * HOUR_MS]
        self.slots.restore(known)
        self.since = min([self.since, *(one.at for one in known)])

    def enter(self, name: str, gateway: str) -> None:
        """A new canary, or one that begins anew and knows nothing."""
        self.canaries[name] = Canary(gateway)

    def watch(self, name: str, channel: str, floor: Mapping[str, int]) -> None:
        """From now on what the log says of the channel is held against this canary."""
        self.canaries[name].ledgers[channel] = Ledger(floor)

    def leave(self, name: str, channel: str) -> None:
        """It is not any more."""
        self.canaries[name].ledgers.pop(channel, None)

    def said(self, channel: str, one: Said, now: int) -> list[Told]:
        """The log makes the channel say this."""
        found = list[Told]()
        for name, canary in self.canaries.items():
            if (ledger := canary.ledgers.get(channel)) is not None:
                found += self._took(name, channel, ledger.said(one, now), now)
        return found

    def joined(self, name: str, channel: str, vector: Mapping[str, int], now: int) -> list[Told]:
        """A canary hears the channel from a snapshot at this vector on."""
        ledger = self.canaries[name].ledgers.get(channel)
        return [] if ledger is None else self._took(name, channel, ledger.joined(vector), now)

    def heard(
        self, name: str, channel: str, event_type: str, own: str, topic: str, offset: int, now: int
    ) -> list[Told]:
        """A canary heard an event of the record at this offset."""
        ledger = self.canaries[name].ledgers.get(channel)
        if ledger is None:
            return []
        return self._took(name, channel, ledger.heard(event_type, own, topic, offset, now), now)

    def again(self, name: str, event_type: str, count: int, now: int) -> list[Told]:
        """So many events of a type came to a client that had them already."""
        return self._took(name, "", [Found("doubled", event_type, "")] * count, now)

    def told(self, gateway: str, property_id: str, vector: Mapping[str, int], now: int) -> None:
        """The gateway says that of this hotel it has told all below these offsets."""
        for canary in self.canaries.values():
            if canary.gateway == gateway:
                for channel, ledger in canary.ledgers.items():
                    if hotel_of(channel) == property_id:
                        ledger.told(vector, now)

    def look(self, current: Mapping[str, bool], now: int, read_until: int) -> list[Told]:
        """Once a second: who is connected and current, and how far the log is read. What is wrong by now."""
        away, seconds = now - self._looked > ABSENT_MS, round((now - self._looked) / 1000)
        if seconds <= 0:
            return []
        # Parts of a second count with the next ones.
        self._looked, found = now if away else self._looked + seconds * 1000, list[Told]()
        for name, canary in self.canaries.items():
            up = current.get(name, False)
            for channel, ledger in canary.ledgers.items():
                if away:
                    ledger.slept()
                ledger.current(up, now)
                found += self._took(name, channel, ledger.look(now, read_until), now)
                up = up and not ledger.behind(now)
            if not away and canary.ledgers:
                self.slots.looked(name, up, seconds, now)
        return found

    def questions(self, now: int) -> set[tuple[str, str]]:
        """(gateway, hotel) of which something is overdue: how far has the gateway told?"""
        return {
            (canary.gateway, hotel_of(channel))
            for canary in self.canaries.values()
            for channel, ledger in canary.ledgers.items()
            if ledger.behind(now)
        }

    def report(self, hotels: int, of: int, now: int) -> SloReport:
        """What it found so far."""
        return SloReport(
            property_id=EVERYBODY, at=now, since=self.since, hotels=hotels, of=of,
            latencies=self.slots.latencies(now),
            uptimes=self.slots.uptimes(now),
            findings=self.slots.findings(now),
        )  # fmt: skip

    def _took(self, name: str, channel: str, found: list[Found], now: int) -> list[Told]:
        for one in found:
            match one.verdict:
                case "heard":
                    self.slots.heard(one.type, one.ms, now)
                    self.slots.found("heard", now)
                case "late":
                    self.slots.found("heard", now)
                    self.slots.withdraw("lost", now)
                case fault:
                    self.slots.found(fault, now)
        return [(name, channel, one) for one in found]


def hotel_of(channel: str) -> str:
    """The hotel of a channel that is a whole hotel's."""
    return channel.partition(":")[2]


def rota(hotels: Iterable[str], most: int, now: int) -> set[str]:
    """Which hotels are audited in this hour: all, or so many, others each hour until each had its turn."""
    known = sorted(hotels)
    if len(known) <= most:
        return set(known)
    first = now // HOUR_MS * most
    return {known[(first + n) % len(known)] for n in range(most)}
