"""Whether to come back after a close, and when. Pure."""

from __future__ import annotations

FIRST_SECONDS, MOST_SECONDS = 0.2, 20.0
# Who was told that it was too much waits as after so many failures: 0.8 s and more.
TOO_MUCH = 3


def stays_away(code: int) -> bool:
    """4400 to 4499: the same client would be sent away again."""
    return 4400 <= code < 4500


def delay(failures: int, chance: float) -> float:
    """Seconds before the next try after so many in a row without a welcome; `chance` in [0, 1).

    Doubling, half of it drawn: a gateway's thousand clients do not come back in the same moment. The first
    time the other half is not waited for: most lines and gateways are there again at once.
    """
    whole = min(MOST_SECONDS, FIRST_SECONDS * 2 ** min(failures, 16))
    return float(whole * (chance if failures == 0 else 1 + chance) / 2)
