"""How much one person may ask: a token bucket per user and kind. Emergencies have their own.

A person clicks a few times a second; a page reload asks a dozen things.
"""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Any, Literal, TypeAlias

from gateway.buckets import Buckets, Rate
from gateway.claims import Claims
from gateway.errors import too_much
from infra.runtime.settings import Settings

Kind = Literal["command", "emergency", "connect", "read", "frame"]
# Kind -> its rate, and how many tokens are left.
Taken: TypeAlias = dict[Kind, tuple[Rate, float]]
# Of the answer that is being made, for its headers; None: what takes is no answer of REST.
TAKEN: ContextVar[Taken | None] = ContextVar("taken", default=None)


def rates(settings: Settings) -> dict[Kind, Rate]:
    """What one person may do a second, and at once."""
    return {
        "command": (settings.person_commands_per_s, settings.person_commands_burst),
        "emergency": (settings.person_emergencies_per_s, settings.person_emergencies_burst),
        "connect": (settings.person_connects_per_s, settings.person_connects_burst),
        "read": (settings.person_reads_per_s, settings.person_reads_burst),
        "frame": (settings.person_frames_per_s, settings.person_frames_burst),
    }


def told(settings: Settings) -> dict[str, Any]:
    """What a client may do, told ahead in `welcome`."""
    return {
        "frame_bytes": settings.socket_frame_bytes,
        "frames": settings.socket_frames,
        "channels": settings.socket_channels,
        "commands_waiting": settings.socket_commands_waiting,
        "unsent_bytes": settings.socket_unsent_bytes,
        "person_sockets": settings.person_sockets,
        "person_channels": settings.person_channels,
        "rates": {
            kind: {"per_second": rate, "burst": burst} for kind, (rate, burst) in rates(settings).items()
        },
    }


class Limits:
    """The buckets of one gateway, by the rates of each kind. Times are ms."""

    def __init__(self, rates: dict[Kind, Rate]) -> None:
        self.rates = rates
        # User ids are a hotel's own: the same id elsewhere is somebody else.
        self._buckets: Buckets[tuple[str, str, Kind]] = Buckets()

    def take(self, claims: Claims, kind: Kind, now: int, cost: float = 1.0) -> None:
        """Takes `cost` tokens. Refused 429 with `retry_after` (s) where there are not enough.

        What costs more than ever come together costs all of them: else it would be refused for ever.
        """
        rate = self.rates[kind]
        bucket = self._buckets.of((claims.property_id, claims.user_id, kind), rate, now)
        wait = bucket.take(rate, now, min(cost, rate[1]))
        if (taken := TAKEN.get()) is not None:
            taken[kind] = (rate, bucket.left)
        if wait:
            raise too_much(wait)


def fields(taken: Taken) -> dict[str, str]:
    """The headers that say so, as draft-ietf-httpapi-ratelimit-headers-11 writes them; none, if nothing was.

    `q` tokens at once come back within `w` seconds; `r` are left, and `t` seconds on there are `q` again.
    """
    policies, states = [], []
    for kind, ((per_second, burst), left) in taken.items():
        policies.append(f'"{kind}";q={int(burst)};w={math.ceil(burst / per_second)}')
        states.append(f'"{kind}";r={int(left)};t={math.ceil((burst - left) / per_second)}')
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)} if taken else {}
