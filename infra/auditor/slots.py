"""What was measured, in slots of five minutes: 12 make the last hour, 288 the day, 8,640 thirty days. Pure.

Latencies go into buckets that grow by a twelfth of an octave: a percentile is the middle of its bucket, at
most 3 % from the truth. Times are ms since 1970.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import get_args

from schemas.records.slo import (
    SloBuckets,
    SloFindings,
    SloHour,
    SloLatency,
    SloSeconds,
    SloUptime,
    Window,
)

SLOT_MS = 5 * 60_000
HOUR_MS = 60 * 60_000
HOURS = 30 * 24
SLOTS: dict[Window, int] = {"1h": 12, "24h": 288, "30d": 8_640}
# Latencies are kept for a day; what remains of a slot after it is about 0.5 KB.
LATENCY_WINDOWS: tuple[Window, ...] = ("1h", "24h")
BUCKETS_AN_OCTAVE = 12
# 2**20 ms: what came 17 minutes late or more is one bucket.
MOST_BUCKET = 20 * BUCKETS_AN_OCTAVE
FAULTS = ("lost", "doubled", "reordered", "foreign", "reset", "unjudged")


@dataclass(slots=True)
class _Slot:
    latencies: dict[str, Counter[int]] = field(default_factory=dict)
    seconds: dict[str, tuple[int, int]] = field(default_factory=dict)
    findings: Counter[str] = field(default_factory=Counter)


class Slots:
    """The newest thirty days of one auditor's life."""

    def __init__(self) -> None:
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        # Latencies of slots before this number are let go of.
        self._cleared = 0

    def heard(self, event_type: str, ms: int, now: int) -> None:
        """A canary heard an event of this type, `ms` after the broker had it."""
        self._at(now).latencies.setdefault(event_type, Counter())[bucket(ms)] += 1

    def found(self, what: str, now: int, count: int = 1) -> None:
        """So many more of a finding; a loss that was none is one less where it was counted."""
        self._at(now).findings[what] += count

    def looked(self, client: str, up: bool, seconds: int, now: int) -> None:
        """A canary was connected and current, or not, for so long."""
        slot = self._at(now)
        was_up, was_looked = slot.seconds.get(client, (0, 0))
        slot.seconds[client] = (was_up + seconds * up, was_looked + seconds)

    def withdraw(self, what: str, now: int) -> None:
        """The newest finding of this kind was none."""
        self._at(now)
        for slot in reversed(self._slots.values()):
            if slot.findings[what] > 0:
                slot.findings[what] -= 1
                return

    def hour(self, at: int) -> SloHour:
        """All of the hour that holds this moment."""
        first = at // HOUR_MS * HOUR_MS // SLOT_MS
        seconds: dict[str, tuple[int, int]] = {}
        latencies: dict[str, Counter[int]] = {}
        findings: Counter[str] = Counter()
        for number in range(first, first + HOUR_MS // SLOT_MS):
            if (slot := self._slots.get(number)) is not None:
                _add(seconds, slot.seconds)
                findings.update(slot.findings)
                for event_type, counts in slot.latencies.items():
                    latencies.setdefault(event_type, Counter()).update(counts)
        return SloHour(
            property_id="*",
            at=first * SLOT_MS,
            seconds=[SloSeconds(client=c, up_s=up, looked_s=all_) for c, (up, all_) in seconds.items()],
            latencies=[
                SloBuckets(type=event_type, counts={str(n): count for n, count in counts.items()})
                for event_type, counts in latencies.items()
            ],
            findings=dict(findings),
        )

    def restore(self, hours: Iterable[SloHour]) -> None:
        """Before anything else: what earlier lives measured, an hour in its first slot."""
        for hour in sorted(hours, key=lambda one: one.at):
            slot = self._at(hour.at)
            slot.seconds = {one.client: (one.up_s, one.looked_s) for one in hour.seconds}
            slot.latencies = {
                one.type: Counter({int(n): count for n, count in one.counts.items()})
                for one in hour.latencies
            }
            slot.findings = Counter(hour.findings)

    def latencies(self, now: int) -> list[SloLatency]:
        """By window and type, what was heard."""
        found = []
        for window in LATENCY_WINDOWS:
            sums: dict[str, Counter[int]] = {}
            for slot in self._within(window, now):
                for event_type, counts in slot.latencies.items():
                    sums.setdefault(event_type, Counter()).update(counts)
            for event_type, counts in sorted(sums.items()):
                p50, p99 = percentile(counts, 0.5), percentile(counts, 0.99)
                found.append(
                    SloLatency(type=event_type, window=window, count=counts.total(), p50_ms=p50, p99_ms=p99)
                )
        return found

    def uptimes(self, now: int) -> list[SloUptime]:
        """By window and canary, also those that are no more."""
        found = []
        for window in get_args(Window):
            sums: dict[str, tuple[int, int]] = {}
            for slot in self._within(window, now):
                _add(sums, slot.seconds)
            found += [
                SloUptime(client=client, window=window, up_s=up, looked_s=looked)
                for client, (up, looked) in sorted(sums.items())
            ]
        return found

    def findings(self, now: int) -> list[SloFindings]:
        """By window."""
        found = []
        for window in get_args(Window):
            sums: Counter[str] = Counter()
            for slot in self._within(window, now):
                sums.update(slot.findings)
            counts = {name: sums[name] for name in ("heard", *FAULTS)}
            found.append(SloFindings(window=window, **counts))
        return found

    def _at(self, now: int) -> _Slot:
        number = now // SLOT_MS
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = _Slot()
            while next(iter(self._slots)) <= number - SLOTS["30d"]:
                self._slots.popitem(last=False)
            for old in range(self._cleared, number - SLOTS["24h"] + 1):
                if old in self._slots:
                    self._slots[old].latencies.clear()
            self._cleared = max(self._cleared, number - SLOTS["24h"] + 1)
        return slot

    def _within(self, window: Window, now: int) -> Iterator[_Slot]:
        first = now // SLOT_MS - SLOTS[window] + 1
        for number in reversed(self._slots):
            if number < first:
                return
            yield self._slots[number]


def _add(sums: dict[str, tuple[int, int]], more: dict[str, tuple[int, int]]) -> None:
    for client, (up, looked) in more.items():
        was_up, was_looked = sums.get(client, (0, 0))
        sums[client] = (was_up + up, was_looked + looked)


def bucket(ms: int) -> int:
    """The number of the bucket of a latency."""
    return min(MOST_BUCKET, max(0, math.floor(math.log2(max(ms, 1)) * BUCKETS_AN_OCTAVE)))


def percentile(counts: Counter[int], share: float) -> float:
    """Milliseconds below which `share` of what was counted lies: the middle of its bucket."""
    wanted, below = share * counts.total(), 0
    for number in sorted(counts):
        below += counts[number]
        if below >= wanted:
            return round(2 ** ((number + 0.5) / BUCKETS_AN_OCTAVE), 1)
    return 0.0
