"""How much one client may ask at once, as the settings say; `welcome` tells it ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.limits import RATES
from infra.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one message (`frame_bytes`, `frames`), one connection (`channels`), one person (`sockets`) and one
    gateway (`subscriptions`).
    """

    frame_bytes: int = 64 * 1024
    frames: int = 100
    channels: int = 200
    sockets: int = 40
    subscriptions: int = 1_000_000

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """Those of this gateway."""
        return cls(
            settings.gateway_frame_bytes,
            settings.gateway_frames,
            settings.gateway_channels,
            settings.gateway_person_sockets,
            settings.gateway_subscriptions,
        )

    def told(self) -> dict[str, Any]:
        """What a client has to know of them, with its rates."""
        return {
            "frame_bytes": self.frame_bytes,
            "frames": self.frames,
            "channels": self.channels,
            "rates": {kind: {"per_second": rate, "burst": burst} for kind, (rate, burst) in RATES.items()},
        }
