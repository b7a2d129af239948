"""The bench of fan-out, small."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import fanout, sockets
from infra.bench.alone import Alone


async def test_everybody_hears_everything(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AIMED", "GENTLY"):
        monkeypatch.setattr(fanout, name, {1: 400, 5: 1_000})
    monkeypatch.setattr(fanout, "CALM", 400)
    monkeypatch.setattr(fanout, "CHATS", 10)
    monkeypatch.setattr(sockets, "QUIET_SECONDS", 0.2)
    found = await fanout.measure(stand, producer, [(20, 1), (20, 5)], seconds=0.5, core=None)
    shapes = {f"per_cpu_second_20_sockets_{at_once}_at_once" for at_once in (1, 5)}
    names = shapes | {"kb_a_socket", "calm_p50_ms", "calm_p99_ms"}
    each = {name + suffix for name in names for suffix in ("", "_socketio", "_socketio_clients", "_bare")}
    assert found.baseline.keys() == each
    assert found.figures.keys() == each | {"per_cpu_second_mixed"}
    for name in names:
        assert found.figures[name] == found.figures[name + "_socketio"] == found.figures[name + "_bare"]
        assert found.baseline[name + "_socketio_clients"] == found.baseline[name + "_socketio"]
