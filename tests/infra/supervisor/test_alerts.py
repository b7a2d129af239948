"""What happened to a part reaches the log, also when Kafka was away as it happened."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from infra import topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from infra.supervisor.alerts import Alerts
from infra.supervisor.child import Event
from schemas.codec import Undecodable, decode_as
from schemas.ids import new_id
from schemas.records.operations import SystemAlert
from schemas.topics import SYSTEM


async def test_only_what_went_wrong_and_its_end_is_said_and_said_again_until_kafka_has_it(kafka: str) -> None:
    settings = Settings(kafka_url=kafka)
    await topics.ensure(settings)
    part = f"part-{new_id()}"
    alerts = Alerts(Settings(kafka_url="127.0.0.1:1"))
    alerts.RETRY_SECONDS = 0.05
    saying = asyncio.create_task(alerts.run())
    for kind, sentence in (("ready", "fine"), ("died", "it died"), ("full", "no space"), ("ready", "well")):
        alerts.say(Event(part, kind, sentence))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    alerts._settings = settings
    found: list[SystemAlert] = []
    async with shells.reader(settings) as reader, asyncio.timeout(30):
        reader.assign(shells.partitions_of(settings, SYSTEM))
        await reader.seek_to_beginning()
        while len(found) < 4:
            with suppress(Undecodable):  # another test's, on the same log
                record = decode_as((await reader.getone()).value, SYSTEM, SystemAlert)
                found += [record] if record.part == part else []
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert [(one.kind, one.sentence, one.over) for one in found] == [
        ("part_died", "it died", False),
        ("stalled", "no space", False),
        ("part_died", "well", True),
        ("stalled", "well", True),
    ]
    assert len({one.event_id for one in found}) == 4
    assert found[0].property_id == "*"
