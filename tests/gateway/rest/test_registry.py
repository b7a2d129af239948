"""The registry as Confluent's own client sees it, on records of a real Kafka."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from infra.runtime.kafka import partitions_of, read_to_end, reader
from schemas import topics as T
from schemas.ids import new_id
from schemas.registry import published
from tests.gateway.support import Running


async def test_confluents_deserializer_reads_our_topics(gateway: Running) -> None:
    own = "reg" + new_id()[-6:]
    await gateway.request(own, new_id())
    async with reader(gateway.settings) as consumer:
        partitions = partitions_of(gateway.settings, T.SERVICES)
        values = [r.value async for r in read_to_end(consumer, partitions) if r.key == own.encode()]

    def read() -> list[Any]:
        with SchemaRegistryClient({"url": gateway.url}) as registry:
            decode = AvroDeserializer(registry)
            return [decode(value, SerializationContext("services", MessageField.VALUE)) for value in values]

    (answer,) = await asyncio.to_thread(read)
    assert (answer["property_id"], answer["facts"][0]["requested"]["item"]) == (own, "towels")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/schemas/ids/9999", 40403),
        ("/schemas/ids/x", 40403),
        ("/subjects/nobody/versions", 40401),
        ("/subjects/nobody/versions/1", 40401),
        ("/subjects/live.concierge.ChatEvent/versions/99", 40402),
        ("/subjects/live.concierge.ChatEvent/versions/0", 42202),
    ],
)
async def test_errors_are_confluents(gateway: Running, path: str, code: int) -> None:
    async with gateway.web() as web:
        answer = await web.get(path)
    assert (answer.status_code, answer.json()["error_code"]) == (code // 100, code)


async def test_every_published_schema_is_there_by_id_and_by_subject(gateway: Running) -> None:
    async with gateway.web() as web:
        assert (await web.get("/config")).json() == {"compatibilityLevel": "FULL_TRANSITIVE"}
        assert set((await web.get("/subjects")).json()) == {entry.subject for entry in published()}
        for entry in published():
            found = (await web.get(f"/subjects/{entry.subject}/versions/{entry.version}")).json()
            assert found["id"] == entry.id
            assert (await web.get(f"/schemas/ids/{entry.id}")).json()["schema"] == found["schema"]
