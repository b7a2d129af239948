"""The bench of folding, small."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from infra.bench import fold
from infra.bench.alone import Alone


async def test_a_real_folder_beside_faust_as_it_comes(stand: Alone, producer: AIOKafkaProducer) -> None:
    found = await fold.measure(stand, producer, hotels=3, events=60)
    assert found.ratios.keys() == {"nothing_per_cpu_second", "table_per_cpu_second"}
