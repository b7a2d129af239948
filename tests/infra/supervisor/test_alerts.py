"""What happened to a part reaches the log, also when Kafka was away as it happened."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import cast

from infra import topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from infra.supervisor.alerts import Alerts
from infra.supervisor.child import Event, Kind
from schemas.codec import Undecodable, decode_as
from schemas.ids import new_id
from schemas.records.operations import SystemAlert
from schemas.topics import SYSTEM
from tests.patience import patience


def event(part: str, kind: Kind) -> Event:
    return Event(part, kind, "")


def waiting(alerts: Alerts) -> list[tuple[str, str, bool]]:
    """Takes what waits for Kafka: kind, part, whether it is over."""
    said: list[tuple[str, str, bool]] = []
    while not alerts._waiting.empty():
        one = alerts._waiting.get_nowait()
        said.append((one.kind, one.event.part, one.over))
    return said


async def test_what_stood_when_the_supervisor_ended_is_ended_by_the_next_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = Alerts(settings)
    for part, kind in (("sink", "died"), ("push", "died"), ("push", "ready"), ("disk", "full")):
        first.say(event(part, cast("Kind", kind)))
    second = Alerts(settings)
    for part in ("sink", "push"):
        second.say(event(part, "ready"))
    second.say(event("disk", "space"))
    assert waiting(second) == [("part_died", "sink", True), ("stalled", "disk", True)]
    assert (tmp_path / "standing.json").read_text() == "[]"
    third = Alerts(settings)
    third.say(event("sink", "ready"))
    assert waiting(third) == []


async def test_a_file_that_was_half_written_or_cannot_be_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "standing.json").write_text('[["part_di')
    alerts = Alerts(Settings(data_dir=tmp_path))
    (tmp_path / "standing.json").unlink()
    (tmp_path / "standing.json").mkdir()
    alerts.say(event("sink", "died"))
    assert waiting(alerts) == [("part_died", "sink", False)]


async def test_only_what_went_wrong_and_its_end_is_said_and_said_again_until_kafka_has_it(
    kafka: str, tmp_path: Path
) -> None:
    settings = Settings(kafka_url=kafka, data_dir=tmp_path)
    await topics.ensure(settings)
    part = f"part-{new_id()}"
    alerts = Alerts(Settings(kafka_url="127.0.0.1:1", data_dir=tmp_path))
    alerts.RETRY_SECONDS = 0.05
    saying = asyncio.create_task(alerts.run())
    for kind, sentence in (("ready", "fine"), ("died", "it died"), ("full", "no space"), ("ready", "well")):
        alerts.say(Event(part, kind, sentence))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    alerts._settings = settings
    found: list[SystemAlert] = []
    async with shells.reader(settings) as reader, patience():
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
