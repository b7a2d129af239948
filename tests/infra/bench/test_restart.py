"""The bench of a restart, small."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import restart
from infra.bench.alone import Alone


async def test_a_worker_comes_back_behind_few_facts_and_many(
    stand: Alone,
    producer: AIOKafkaProducer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(restart, "HOTELS", 2)
    monkeypatch.setattr(restart, "TURN", 200)
    found = await restart.measure(stand, producer, facts=600, kills=1)
    assert (found.baseline["facts"], found.figures["facts"]) == (200, 600)
    assert found.ratios["kill_to_answer_p50_seconds"] > 0
    assert capsys.readouterr().err.splitlines() == [
        "200 of 200 facts",
        "400 of 600 facts",
        "600 of 600 facts",
    ]
