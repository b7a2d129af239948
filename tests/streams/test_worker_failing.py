"""Rules that throw in a worker on real Kafka: it lives on, and what failed is kept."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from infra.runtime import kafka as shells
from schemas import topics
from schemas.ids import new_id, source_id
from schemas.records.alerts import AlertsAnswer, AlertsCommand, Announce, RaiseEmergency
from schemas.records.notifications import NotificationsAnswer
from schemas.records.people import PeopleRecord, Person
from schemas.records.rooms import RoomsAnswer, RoomsCommand, RoomsFact, RoomsIntake, RoomStatusChanged
from streams.agents.decider import EXIT_REFOLD
from tests.patience import PATIENCE, patience
from tests.streams.bench import Bench, start_worker

# Each rule throws after half of its work is done, for what is named "poison".
BROKEN = """
from streams.rules import alerts, notifications, rooms
alerts.REALERT_MS = 300

def broken(make, name, what):
    real = getattr(make, name)
    def called(*args):
        found = real(*args)
        if "poison" in repr(what(*args)):
            raise ZeroDivisionError("no rule is perfect")
        return found
    setattr(make, name, called)

broken(rooms.House, "apply", lambda rules, name, body, at, actor: body)
broken(alerts.Alerts, "fire", lambda rules, until, context: list(rules._ringing()))
broken(notifications.Notifications, "read", lambda rules, answer, context: answer)
"""


def _batch(hotel: str, *reasons: str) -> RoomsIntake:
    facts = [
        RoomsFact(
            fact_id=source_id(hotel, "pms", reason),
            occurred_at=1_000 + number,
            source_system="pms",
            source_event_id=reason,
            room_status_changed=RoomStatusChanged(
                room_id="101",
                dimension="housekeeping",
                value=("dirty", "pickup", "inspected")[number % 3],
                reason=reason,
            ),
        )
        for number, reason in enumerate(reasons)
    ]
    return RoomsIntake(batch_id=new_id(), property_id=hotel, actor_id="pms", source_system="pms", facts=facts)


async def _rung(bench: Bench) -> list[str]:
    found = await bench.answers(topics.ALERTS, AlertsAnswer)
    return [f.emergency_realerted.alert_id for a in found for f in a.facts if f.emergency_realerted]


async def _told(bench: Bench) -> set[str]:
    found = await bench.answers(topics.NOTIFICATIONS, NotificationsAnswer)
    return {fact.notified.title for answer in found for fact in answer.facts if fact.notified}


async def test_a_worker_whose_rules_throw_answers_all_the_same(bench: Bench, tmp_path: Path) -> None:
    person = PeopleRecord(
        property_id=bench.hotel, kind="person", id="ben", at=1,
        person=Person(user_id="ben", name="Ben", role="staff"),
    )  # fmt: skip
    key = topics.entity_key(bench.hotel, "person", "ben")
    await shells.send(bench._producer, bench.settings, topics.PEOPLE, bench.hotel, person, key)
    await bench.say(topics.ROOMS_INTAKE, _batch(bench.hotel, "a", "poison", "c"))
    for title in ("poison", "sound"):
        announce = Announce(
            audience="staff", title=title, body="b", until=int(time.time() * 1000) + 3_600_000
        )
        await bench.ask(AlertsCommand, announce=announce)
    for turn in range(2):
        process = start_worker(bench.settings, tmp_path, "rooms", "alerts", "notifications", before=BROKEN)
        try:
            raised = [
                await bench.ask(AlertsCommand, raise_emergency=RaiseEmergency(kind="fire", location=where))
                for where in ("poison", "lobby")
            ]
            await bench.say(topics.ROOMS_INTAKE, _batch(bench.hotel, f"d{turn}"))
            async with patience():
                while (await _rung(bench)).count(raised[1]) < 3:
                    await asyncio.sleep(0.1)
                while "sound" not in (titles := await _told(bench)):
                    await asyncio.sleep(0.1)
            heard = await bench.answered(topics.ROOMS, RoomsAnswer, 2 + turn)
            assert process.poll() is None, (tmp_path / "worker.log").read_text()[-3000:]
        finally:
            process.kill()
            process.wait()
        assert raised[0] not in await _rung(bench)
        assert not [title for title in titles if "poison" in title]
    assert [[f.source_event_id for f in answer.facts] for answer in heard] == [["a", "c"], ["d0"], ["d1"]]
    (lost,) = await bench.dead(topics.ROOMS_INTAKE)
    assert (lost.partition, lost.offset) == (bench.partition, heard[0].cause.offset)
    assert "1 of 3 facts not taken: fact 1" in lost.reason
    unread = await bench.dead(topics.ALERTS)
    assert len({one.offset for one in unread}) >= 3, "an announcement and two emergencies"
    assert all("this answer: ZeroDivisionError" in one.reason for one in unread)
    ticks = await bench.dead(topics.ALERTS_COMMANDS)
    assert all("the deadlines of" in one.reason for one in ticks)
    assert len(ticks) <= 4, "not at each look"


async def test_bytes_of_nobody_on_its_own_fact_topic_stop_no_agent(bench: Bench, tmp_path: Path) -> None:
    async def poison(*values: bytes | None) -> None:
        async with shells.producer(bench.settings) as sender:
            for value in values:
                await sender.send_and_wait(
                    topics.ROOMS.name, value, key=bench.hotel.encode(), partition=bench.partition
                )

    async def ask(value: str) -> None:
        change = RoomStatusChanged(room_id="101", dimension="housekeeping", value=value)
        await bench.ask(RoomsCommand, set_room_status=change)

    await poison(b"rubbish", b"\x00\x00\x00\x00\x01zz", None)
    process = start_worker(bench.settings, tmp_path, "rooms")
    try:
        await ask("dirty")
        await bench.answered(topics.ROOMS, RoomsAnswer, 1)
        await poison(b"more")
        await ask("clean")  # its answer lies one place too far, so what it believes is not what the log says
        assert await asyncio.to_thread(process.wait, PATIENCE) == EXIT_REFOLD
        process = start_worker(bench.settings, tmp_path, "rooms")
        answers = await bench.answered(topics.ROOMS, RoomsAnswer, 2)
    finally:
        process.kill()
        process.wait()
    assert [one.facts[0].room_status_changed.value for one in answers] == ["dirty", "clean"]  # type: ignore[union-attr]
    found = {one.value: one.found_by for one in await bench.dead(topics.ROOMS) if one.found_by == "rooms"}
    assert found.keys() == {b"rubbish", b"\x00\x00\x00\x00\x01zz", None, b"more"}
