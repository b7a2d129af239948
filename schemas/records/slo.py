"""`slo`: what the auditor found, for the page that everybody in the hotel may see. Figures, nobody's data."""

from __future__ import annotations

from typing import Literal

from schemas.record import Id, Line, Millis, Record

Window = Literal["1h", "24h", "30d"]


class SloLatency(Record, frozen=True, kw_only=True):
    """From the broker's time of a record to a canary, ms, of one type of event in one window."""

    type: Line
    window: Window
    count: int
    p50_ms: float
    p99_ms: float


class SloUptime(Record, frozen=True, kw_only=True):
    """Seconds in which one canary was connected and current, of those in which the auditor looked."""

    client: Line
    window: Window
    up_s: int
    looked_s: int


class SloFindings(Record, frozen=True, kw_only=True):
    """How many events the canaries heard in one window, and how many of each fault were found in it."""

    window: Window
    heard: int
    lost: int
    doubled: int
    reordered: int
    foreign: int
    reset: int
    unjudged: int


class SloReport(Record, frozen=True, kw_only=True):
    """The auditor's newest word. `since`: when it began to look; `hotels`: looked at, `of` so many."""

    property_id: Id
    at: Millis
    since: Millis
    hotels: int
    of: int
    latencies: list[SloLatency] = []
    uptimes: list[SloUptime] = []
    findings: list[SloFindings] = []


class SloSeconds(Record, frozen=True, kw_only=True):
    """One canary's seconds of one hour."""

    client: Line
    up_s: int
    looked_s: int


class SloBuckets(Record, frozen=True, kw_only=True):
    """Latencies of one type of event in one hour: how many in each bucket, by its number."""

    type: Line
    counts: dict[str, int]


class SloHour(Record, frozen=True, kw_only=True):
    """What was measured in the hour that began at `at`: from these the auditor's next life goes on."""

    property_id: Id
    at: Millis
    seconds: list[SloSeconds] = []
    latencies: list[SloBuckets] = []
    findings: dict[str, int] = {}
