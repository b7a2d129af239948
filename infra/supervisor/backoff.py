"""How long to wait before a part that died is started again. Pure."""

from __future__ import annotations

STEADY_SECONDS = 60.0
"""A part that lived so long starts again with a clean record."""

LONGEST_SECONDS = 10.0
"""What a part could not live without may be back: a hotel waits no longer for it than this."""


def delay(deaths: int) -> float:
    """Seconds before the restart after the `deaths`-th death in a row: 0 first, then 0.5, 1, 2 ... 10."""
    return 0.0 if deaths <= 1 else min(LONGEST_SECONDS, 0.5 * 2.0 ** (deaths - 2))


def count(deaths: int, lived_seconds: float) -> int:
    """Deaths in a row, with the one that came after `lived_seconds`."""
    return 1 if lived_seconds >= STEADY_SECONDS else deaths + 1
