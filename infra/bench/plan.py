"""Which knife strikes what, and when: all of it from a seed. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from infra.runtime.failpoints import NAMES
from infra.runtime.settings import Settings

PARTS = ("kafka", "warehouse", "worker-0", "worker-1", "sink", "push", "gateway-0", "dashboard", "auditor")
# Between a part's readiness and the next strike, at most.
CALM_SECONDS = 1.5
# Of ten strikes: so many by each knife. Stops last long.
WEIGHTS = {"kill": 5, "failpoint": 3, "stop": 1, "away": 1}
# A worker's session lasts 10 s, and its group notices within 3 s more. Who is silent for 60 is ended.
STOPPED_SECONDS = (14.0, 18.0)
AWAY_SECONDS = (3.0, 15.0)
# Passed only where an import marks its state, browsers have subscriptions, or an emergency is raised.
_RARE = ("snapshot_sent", "snapshot_acknowledged")
_MEMORY = ("piece_sent", "pieces_acknowledged", "mark_sent", "mark_acknowledged")
_RARELY_BUSY = ("push", "alerts")
POINTS = tuple(
    name
    for name in NAMES
    if name.partition(".")[0] not in _RARELY_BUSY
    and not name.endswith(_MEMORY)
    and (name.startswith("folders.") or not name.endswith(_RARE))
)
MOST_PASSINGS = 6
# Passed once by each life of a part that has its group for itself.
_ONCE = ("worker.offsets_committed",)


@dataclass(frozen=True, slots=True)
class Strike:
    """`calm`: seconds before it. A kill's `parts` die within 0.3 s. `seconds`: how long one stands still.

    A failpoint is `point` on its `passing`; `parts` is who passes it.
    """

    knife: str
    parts: tuple[str, ...]
    calm: float
    point: str = ""
    passing: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        what = " and ".join(self.parts)
        if self.knife == "failpoint":
            return f"{what} died at {self.point}, passing {self.passing}"
        if self.knife == "kill":
            return f"{what} killed"
        if self.knife == "stop":
            return f"{what} stopped, after {self.seconds:.0f} s replaced, and woken"
        return f"{what} away for {self.seconds:.0f} s"


def strikes(settings: Settings, seed: int, count: int) -> list[Strike]:
    """The same for the same seed."""
    dice = random.Random(seed)
    return [_strike(settings, dice) for _ in range(count)]


def _strike(settings: Settings, dice: random.Random) -> Strike:
    (knife,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
    calm = dice.uniform(0, CALM_SECONDS)
    if knife == "kill":
        return Strike(knife, tuple(dice.sample(PARTS, 2 if dice.random() < 0.2 else 1)), calm)
    if knife == "failpoint":
        point = dice.choice(POINTS)
        passing = dice.randint(1, 1 if point in _ONCE else MOST_PASSINGS)
        return Strike(knife, (passer(settings, point),), calm, point, passing)
    if knife == "stop":
        part = dice.choice([*_workers(settings), "sink"])
        return Strike(knife, (part,), calm, seconds=dice.uniform(*STOPPED_SECONDS))
    engine = dice.choice(("warehouse", "kafka"))
    return Strike(knife, (engine,), calm, seconds=dice.uniform(*AWAY_SECONDS))


def passer(settings: Settings, point: str) -> str:
    """The part that passes this failpoint; of several the last."""
    own = point.partition(".")[0]
    if own == "gateway":
        return "gateway-0"
    if own in ("sink", "push"):
        return own
    workers = _workers(settings)
    return next((name for name, agents in workers.items() if own in agents), list(workers)[-1])


def _workers(settings: Settings) -> dict[str, list[str]]:
    return {f"worker-{n}": one.split(",") for n, one in enumerate(settings.worker_agents.split("|"))}
