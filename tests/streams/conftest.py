"""Streams read whole topics: most modules here have a log of their own, without other tests' poison on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from infra import topics as broker_topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from tests.fixtures_kafka import served
from tests.streams.bench import Bench
from tests.streams.house import House


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of this module's broker."""
    with served(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of one broker for modules that look at their own hotels alone: each costs 5 CPU seconds."""
    with served(tmp_path_factory.mktemp("shared")) as bootstrap:
        yield bootstrap


@pytest.fixture
async def bench(kafka: str) -> AsyncIterator[Bench]:
    """A furnished hotel of this test alone."""
    settings = Settings(kafka_url=kafka)
    await broker_topics.ensure(settings)
    async with shells.producer(settings) as producer:
        found = Bench(settings, producer)
        await found.furnish()
        yield found


@pytest.fixture
async def house(kafka: str) -> AsyncIterator[House]:
    """A hotel whose room agent is the test."""
    settings = Settings(kafka_url=kafka)
    await broker_topics.ensure(settings)
    async with shells.producer(settings) as producer:
        yield House(settings, producer)
