"""Moments of the day follow their curve."""

from __future__ import annotations

import random

import pytest

from infra.simulator import curves

CURVES = [curves.DEPARTURES, curves.ARRIVALS, curves.REQUESTS, curves.CHATS, curves.STAY_OVERS]


@pytest.mark.parametrize("curve", CURVES)
def test_an_hour_gets_its_share(curve: tuple[int, ...]) -> None:
    rng = random.Random(7)
    counts = [0] * 24
    for _ in range(20_000):
        counts[int(curves.moment(curve, rng) // curves.HOUR_S)] += 1
    for count, weight in zip(counts, curve, strict=True):
        assert abs(count / 20_000 - weight / sum(curve)) < 0.02
        assert weight or not count
