"""Places with names where a process kills itself, for tests of what a death does; off, they cost nothing.

CONCIERGE_FAILPOINTS="sink.insert_acknowledged=0.02,services.answer_sent=3,seed=7": on each passing with this
probability (a number below 1), or on that passing (a whole number). With a seed every life of a process dies
on the same passings, without one each on others.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from dataclasses import dataclass

AGENTS = ("rooms", "services", "staff", "alerts", "notifications")
_DECIDER = (
    "fetched",
    "batch_built",
    "answer_sent",
    "answer_acknowledged",
    "snapshot_sent",
    "snapshot_acknowledged",
)
# Steps in their order. One that is `_sent` is on its way: death comes within SOON_SECONDS, before the other
# side has it, or before the reply, or after it.
STEPS: dict[str, tuple[str, ...]] = {
    "sink": ("fetched", "batch_built", "insert_sent", "insert_acknowledged", "offsets_committed"),
    **dict.fromkeys(AGENTS, _DECIDER),
    "worker": ("offsets_committed",),
    "folders": (
        "fetched",
        "snapshot_sent",
        "snapshot_acknowledged",
        "piece_sent",
        "pieces_acknowledged",
        "mark_sent",
        "mark_acknowledged",
    ),
    "gateway": ("record_sent", "record_acknowledged"),
    "push": ("fetched", "push_sent", "push_answered", "delivery_acknowledged", "offsets_committed"),
}
NAMES = tuple(f"{part}.{step}" for part, steps in STEPS.items() for step in steps)
SOON_SECONDS = 0.01


@dataclass(slots=True)
class _Point:
    """One armed place. `bound` below 1 is a probability, else the passing that is the last."""

    bound: float
    dice: random.Random
    passings: int = 0

    def strikes(self) -> bool:
        self.passings += 1
        return self.dice.random() < self.bound if self.bound < 1 else self.passings == self.bound


_armed: dict[tuple[str, str], _Point] = {}
_dice = random.Random()


def check(text: str) -> str:
    """The text, if `arm` takes it. ValueError: names what it does not know."""
    _parse(text)
    return text


def arm(text: str) -> None:
    """From now on this process dies there. ValueError as `check`."""
    bounds, seed = _parse(text)
    _dice.seed(seed)
    _armed.clear()
    for name, bound in bounds.items():
        part, _, step = name.partition(".")
        _armed[part, step] = _Point(bound, random.Random(None if seed is None else f"{seed}/{name}"))


def passed(part: str, step: str) -> None:
    """The process passes `part.step`: nothing, or its death."""
    if _armed:
        _pass(part, step)


def _pass(part: str, step: str) -> None:
    point = _armed.get((part, step))
    if point is None or not point.strikes():
        return
    last_words = f"failpoint {part}.{step}, passing {point.passings}\n"
    if step.endswith("_sent"):
        threading.Timer(_dice.uniform(0, SOON_SECONDS), die, (last_words,)).start()
    else:
        die(last_words)


def die(last_words: str) -> None:
    """SIGKILL to this process: nothing is closed, flushed or said any more but this."""
    os.write(2, last_words.encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _parse(text: str) -> tuple[dict[str, float], int | None]:
    bounds: dict[str, float] = {}
    seed = None
    for part in filter(None, text.split(",")):
        name, _, value = part.strip().partition("=")
        if name == "seed" and value.isdecimal():
            seed = int(value)
        elif name not in NAMES:
            raise ValueError(f"{name!r} is no failpoint: use some of {', '.join(NAMES)}")
        else:
            bounds[name] = _bound(value)
    return bounds, seed


def _bound(value: str) -> float:
    try:
        bound = float(value)
    except ValueError:
        bound = 0.0
    if not 0 < bound < 1 and not (bound >= 1 and bound.is_integer()):
        raise ValueError(f"{value!r} is neither a probability below 1 nor the number of a passing")
    return bound
