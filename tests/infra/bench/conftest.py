"""Engines of their own for benches of single parts: nobody else's records are in their figures."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer

from infra.bench import alone
from infra.bench.alone import Alone
from infra.runtime import kafka


@pytest.fixture(scope="package")
async def stand(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Alone]:
    """Kafka and a warehouse with its tables."""
    async with alone.kafka(tmp_path_factory.mktemp("alone")) as bare, alone.warehouse(bare) as found:
        yield found


@pytest.fixture
async def producer(stand: Alone) -> AsyncIterator[AIOKafkaProducer]:
    async with kafka.producer(stand.settings) as found:
        yield found
