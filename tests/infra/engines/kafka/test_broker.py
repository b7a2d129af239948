"""The broker answers, keeps its records over a kill -9, and says so in time."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.engines.kafka import broker
from infra.runtime.problems import Problem
from tests.fixtures_kafka import free_ports, run_broker
from tests.patience import PATIENCE, patience


async def test_the_session_broker_takes_and_gives_back_a_record(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic("broker-test", 1, 1)])
    await admin.close()
    assert await _produce(kafka, "broker-test", [b"one", b"two"]) == [0, 1]
    assert await _read(kafka, "broker-test", 2) == [b"one", b"two"]


async def test_records_survive_a_kill_and_the_folder_is_used_again(tmp_path: Path) -> None:
    port, controller_port = free_ports(2)
    engine = broker.Broker(tmp_path / "kafka", port, controller_port, heap_mb=256)
    first = await asyncio.to_thread(run_broker, engine, tmp_path / "log")
    admin = AIOKafkaAdminClient(bootstrap_servers=engine.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    await _produce(engine.bootstrap, "kept", [b"a"] * 100)
    first.kill()
    first.wait()
    second = await asyncio.to_thread(run_broker, engine, tmp_path / "log")
    try:
        assert await _produce(engine.bootstrap, "kept", [b"b"]) == [100]
        assert await _read(engine.bootstrap, "kept", 101) == [b"a"] * 100 + [b"b"]
    finally:
        second.terminate()
        second.wait(PATIENCE)


async def test_a_port_without_a_broker_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert not broker.answers("127.0.0.1", port, timeout=0.2)
        with pytest.raises(Problem, match=rf"127\.0\.0\.1:{port} did not answer within 0 s"):
            await broker.wait_until_answers("127.0.0.1", port, deadline=0.1)
    assert not broker.answers("127.0.0.1", port, timeout=0.2)


async def _produce(bootstrap: str, topic: str, values: list[bytes]) -> list[int]:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        sent = [await producer.send(topic, value, partition=0) for value in values]
        return [(await one).offset for one in sent]


async def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        async with patience():
            return [(await consumer.getone()).value for _ in range(count)]
