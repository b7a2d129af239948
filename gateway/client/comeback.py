"""Whether to come back after a close, and when. Pure."""

from __future__ import annotations

FIRST_SECONDS, MOST_SECONDS = 0.2, 20.0


def stays_away(code: int) -> bool:
    """4400 to 4499: the same client would be sent away again."""
    return 4400 <= code < 4500


def delay(failures: int, chance: float) -> float:
    """Seconds before the next try after so many in a row without a welcome; `chance` in [0, 1).

    Doubling, half of it drawn: a gateway's thousand clients do not come back in the same moment.
    """
    whole = min(MOST_SECONDS, FIRST_SECONDS * 2 ** min(failures, 16))
    return float(whole * (1 + chance) / 2)
