"""What every bench says: figures, the bare engine's beside them, and what one is to the other. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """Figures by name, units in the names; `ratios`: figure / baseline where both have the name."""

    bench: str
    figures: dict[str, float]
    baseline: dict[str, float]

    @property
    def ratios(self) -> dict[str, float]:
        both = (name for name in self.figures if self.baseline.get(name))
        return {name: float(f"{self.figures[name] / self.baseline[name]:.3g}") for name in both}

    def json(self) -> dict[str, Any]:
        return {
            "bench": self.bench,
            "figures": self.figures,
            "baseline": self.baseline,
            "ratios": self.ratios,
        }


def percentile(values: Sequence[float], part: float) -> float:
    """The nearest-rank percentile, `part` from 0 to 1. ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def rate(count: float, seconds: float) -> int:
    """How many a second. CPU is counted in hundredths of a second, so none is taken for one."""
    return round(count / max(seconds, 0.01))


def times(values: Sequence[float]) -> dict[str, float]:
    """p50 and p99 in ms of durations in seconds."""
    return {f"p{part}_ms": round(percentile(values, part / 100) * 1000, 1) for part in (50, 99)}
