"""The first restart is immediate, the next wait longer, and a steady life forgives."""

from __future__ import annotations

from infra.supervisor import backoff


def test_delays() -> None:
    assert [backoff.delay(n) for n in range(1, 10)] == [0, 0.5, 1, 2, 4, 8, 10, 10, 10]


def test_a_steady_part_starts_with_a_clean_record() -> None:
    assert backoff.count(5, lived_seconds=1) == 6
    assert backoff.count(5, lived_seconds=61) == 1
