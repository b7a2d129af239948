"""Figures of the panel, read from the parts' /metrics. Pure but for `scrape`."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass

EVENTS = "concierge_events_delivered_total"
LAG = "concierge_lag_records"
LATENCY = "concierge_event_to_client_seconds_bucket"


@dataclass(frozen=True, slots=True)
class Sample:
    """Sums over all processes at one moment. `buckets`: upper bound in seconds -> events up to it."""

    at: float
    events: float
    lag: float
    buckets: dict[float, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened between two samples; milliseconds are None where no event was delivered."""

    events_per_second: float
    lag: int
    p50_ms: float | None
    p99_ms: float | None


def scrape(url: str) -> str:
    """The text of a /metrics page; "" where it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310  # our own http address
            text: str = answer.read(4_000_000).decode(errors="replace")
            return text
    except OSError:
        return ""


def sample(pages: Iterable[str], at: float) -> Sample:
    """One sample from Prometheus texts. `at`: seconds of any steady clock."""
    events = lag = 0.0
    buckets: dict[float, float] = {}
    for line in (line for page in pages for line in page.splitlines()):
        name, _, rest = line.partition("{") if "{" in line else line.partition(" ")
        if name == EVENTS:
            events += float(line.rsplit(" ", 1)[1])
        elif name == LAG:
            lag += float(line.rsplit(" ", 1)[1])
        elif name == LATENCY:
            bound = float(rest.partition('le="')[2].partition('"')[0])
            buckets[bound] = buckets.get(bound, 0.0) + float(line.rsplit(" ", 1)[1])
    return Sample(at, events, lag, buckets)


def between(old: Sample, new: Sample) -> Figures:
    """Rates and percentiles of what came between; a restarted process counts from 0, never below."""
    seconds = max(new.at - old.at, 0.001)
    counts = {bound: max(0.0, new.buckets[bound] - old.buckets.get(bound, 0.0)) for bound in new.buckets}
    return Figures(
        max(0.0, new.events - old.events) / seconds,
        int(new.lag),
        percentile(counts, 0.5),
        percentile(counts, 0.99),
    )


def percentile(buckets: dict[float, float], share: float) -> float | None:
    """Milliseconds below which `share` of a cumulative histogram lies, linear inside its bucket."""
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if total <= 0:
        return None
    wanted, low, below = share * total, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= wanted:
            if bound == float("inf"):
                return low * 1000
            inside = buckets[bound] - below
            return (low + (bound - low) * (wanted - below) / inside) * 1000 if inside else bound * 1000
        low, below = bound, buckets[bound]
    return low * 1000
