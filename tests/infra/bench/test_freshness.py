"""The bench of freshness, small, and how its waits are counted."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from infra.bench import freshness
from infra.bench.alone import Alone
from infra.bench.freshness import Seen


def test_a_record_waits_until_a_query_finds_it() -> None:
    seen = Seen(found=[(10.0, -1), (11.0, 4), (12.0, 7)])
    logged = {4: 10.5, 5: 10.75, 7: 11.0, 8: 11.5, 1: 9.0}
    assert seen.waits(logged, 10.0, 11.25) == [0.5, 1.25, 1.0], "8 was never found, 1 is of another phase"
    assert seen.gaps(10.0, 13.0) == [1.0, 1.0]


async def test_rows_are_found(stand: Alone, producer: AIOKafkaProducer) -> None:
    found = await freshness.measure(stand, producer, seconds=0.5, imported=500)
    assert 0 < found.figures["p50_ms"] <= found.figures["p99_ms"]
    assert found.figures["beside_import_p99_ms"] > 0
