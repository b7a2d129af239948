"""When to try a push again: what the service asks for, else a growing pause with jitter."""

from __future__ import annotations

import datetime
from email.utils import parsedate_to_datetime

FIRST_S = 1.0
LONGEST_S = 300.0


def asked_for(header: str | None, now: datetime.datetime) -> float | None:
    """Seconds that Retry-After asks for (a number or a date); null where it says nothing usable."""
    if header is None or len(header) > 100:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - now).total_seconds())


def pause(attempt: int, jitter: float, asked: float | None = None) -> float:
    """Seconds to wait after `attempt` (from 1) failed. `jitter` is 0 to 1; never less than was asked for."""
    ceiling = min(LONGEST_S, FIRST_S * float(2 ** min(attempt, 16)))
    wait: float = ceiling * (0.5 + jitter / 2)
    return max(wait, asked or 0.0)
