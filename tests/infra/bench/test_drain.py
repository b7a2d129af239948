"""The bench of restarts, small: everybody comes back and has heard all."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import drain
from infra.bench.alone import Alone


async def test_who_is_asked_to_leave_comes_back_and_misses_nothing(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "CHATS", 20)
    found = (await drain.measure(stand, producer, clients=30, settle=0.5)).figures
    # Whoever was on the gateway that went, at least once: after the first one all are on the other.
    assert found["gaps"] >= 30
    assert found["gap_most_ms"] > 0
    assert found["handshakes_most_a_second"] > 0
    assert found["deliveries"] > 0
    assert {name: found[name] for name in ("lost", "doubled", "reordered", "foreign")} == dict.fromkeys(
        ("lost", "doubled", "reordered", "foreign"), 0.0
    )
