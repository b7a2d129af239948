"""Each is woken once, in its time, and nobody keeps another asleep."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.alarms import AT_ONCE, SLOT_SECONDS, Alarms
from tests.patience import until


class Sleeper:
    """Notes when it was woken; `then`: what it does."""

    def __init__(self) -> None:
        self.slot = 0
        self.woken: list[float] = []

    def ring(self) -> None:
        self.woken.append(time.monotonic())
        self.then()

    def then(self) -> None: ...


async def test_they_are_woken_together_and_never_early() -> None:
    alarms, began = Alarms(), time.monotonic()
    many = [Sleeper() for _ in range(3 * AT_ONCE)]
    for number, one in enumerate(many):
        alarms.set(one, 0.01 + number / 1e6)
    await until(lambda: all(one.woken for one in many))
    assert all(len(one.woken) == 1 for one in many)
    assert min(one.woken[0] for one in many) >= began + 0.005, "libuv's clock is of milliseconds"
    assert not alarms._slots, "nothing is kept of it"


async def test_an_alarm_that_is_set_again_or_forgotten_rings_once_or_never() -> None:
    alarms, moved, gone, last = Alarms(), Sleeper(), Sleeper(), Sleeper()
    began = time.monotonic()
    alarms.set(moved, 0.01)
    alarms.set(moved, 2 * SLOT_SECONDS)
    alarms.set(gone, 0.01)
    alarms.forget(gone)
    alarms.set(last, 3 * SLOT_SECONDS)
    await until(lambda: bool(last.woken))
    (woken,) = moved.woken
    assert woken - began >= 2 * SLOT_SECONDS - 0.005
    assert not gone.woken


async def test_who_is_closed_by_another_is_not_woken_and_who_fails_keeps_none_asleep(
    caplog: pytest.LogCaptureFixture,
) -> None:
    alarms, first, closed, fails, last = Alarms(), Sleeper(), Sleeper(), Sleeper(), Sleeper()
    first.then = lambda: alarms.forget(closed)  # type: ignore[method-assign]
    fails.then = lambda: 1 / 0  # type: ignore[method-assign,assignment]
    for one in (first, closed, fails, last):
        alarms.set(one, 0.01)
    await until(lambda: bool(last.woken))
    assert not closed.woken
    assert len(fails.woken) == 1
    assert "ZeroDivisionError" in caplog.text


async def test_who_sets_it_anew_while_it_rings_is_woken_again() -> None:
    alarms, one = Alarms(), Sleeper()
    one.then = lambda: alarms.set(one, 0.01)  # type: ignore[method-assign]
    alarms.set(one, 0.01)
    await until(lambda: len(one.woken) > 2)
    gaps = [after - before for before, after in zip(one.woken, one.woken[1:], strict=False)]
    assert min(gaps) > SLOT_SECONDS / 2, gaps
    alarms.forget(one)
    await asyncio.sleep(0)
