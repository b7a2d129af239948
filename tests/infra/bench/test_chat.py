"""The bench of chats, small: what clients say is heard."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import chat
from infra.bench.alone import Alone


async def test_what_clients_say_is_heard_by_all_who_are_in_the_chat(
    stand: Alone, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "CHATS", 10)
    monkeypatch.setattr(chat, "SENDERS", 5)
    monkeypatch.setattr(chat, "RATE", 40.0)
    monkeypatch.setattr(chat, "WARM_SECONDS", 0.5)
    found = await chat.measure(stand, producer, sockets=20, seconds=0.5, core=None)
    assert found.figures["sockets"] == 20
    assert found.baseline.keys() == {"p50_ms", "p99_ms"} == found.figures.keys() - {"sockets"}
