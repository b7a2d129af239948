"""A burst, then a rate; and no more buckets than there is room for."""

from __future__ import annotations

from gateway.buckets import Bucket, Buckets


def test_a_burst_then_what_comes_back_by_and_by() -> None:
    bucket, rate = Bucket(3.0, 0), (2.0, 3.0)
    assert [bucket.take(rate, 0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert bucket.wait(rate, 250) == 0.25
    assert bucket.take(rate, 500) == 0.0
    assert bucket.take(rate, 1_000_000, cost=3.0) == 0.0, "never fuller than the burst"
    assert bucket.take(rate, 1_000_000, cost=3.0) == 1.5


def test_looking_takes_nothing() -> None:
    bucket = Bucket(1.0, 0)
    assert [bucket.wait((1.0, 1.0), 0) for _ in range(3)] == [0.0] * 3


def test_the_longest_unused_is_forgotten() -> None:
    buckets, rate = Buckets[str](most=3), (0.001, 1.0)
    for key in "abcab":
        buckets.of(key, rate, 0).take(rate, 0)
    buckets.of("d", rate, 0)
    assert len(buckets) == 3
    assert buckets.of("a", rate, 0).wait(rate, 0), "used a moment ago, so it is known"
    assert not buckets.of("c", rate, 0).wait(rate, 0), "forgotten, so it is full again"
