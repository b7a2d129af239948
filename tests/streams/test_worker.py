"""A worker on real Kafka: inputs are answered once, whatever happens to the worker."""

from __future__ import annotations

import asyncio
import datetime
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra import topics as broker_topics
from infra.runtime import kafka as shells
from infra.runtime.settings import Settings
from schemas import topics
from schemas.ids import new_id, source_id
from schemas.records.rooms import (
    CheckedIn,
    ReservationMade,
    RoomsAnswer,
    RoomsCommand,
    RoomsFact,
    RoomsIntake,
    RoomStatusChanged,
)
from schemas.records.services import RequestCommand, RequestService, ServicesAnswer, ServicesCommand
from schemas.records.staff import StaffAnswer, StaffCommand, StartShift
from streams.agents.decider import EXIT_REFOLD
from tests.patience import PATIENCE, patience, until
from tests.streams.bench import Bench, start_worker

AGENTS = ("rooms", "services", "staff")
# Death once the group knows where to go on, before anything is taken from there.
BEGINNING = "from infra.runtime import failpoints; failpoints.arm('worker.offsets_committed=1')"


@pytest.fixture(scope="module")
async def bench(kafka: str) -> AsyncIterator[Bench]:
    settings = Settings(kafka_url=kafka)
    await broker_topics.ensure(settings)
    async with shells.producer(settings) as producer:
        found = Bench(settings, producer)
        await found.furnish()
        yield found


@pytest.fixture
def worker(bench: Bench, tmp_path: Path) -> object:
    process = start_worker(bench.settings, tmp_path, *AGENTS)
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0, (tmp_path / "worker.log").read_text()[-3000:]


def _clean(room: str, value: str = "dirty") -> RoomStatusChanged:
    return RoomStatusChanged(room_id=room, dimension="housekeeping", value=value)


def _intake(bench: Bench) -> RoomsIntake:
    made = ReservationMade(
        reservation_id="R1",
        arrival=datetime.date(2026, 3, 1),
        departure=datetime.date(2026, 3, 3),
        booked_on=datetime.date(2026, 1, 1),
        rate=Decimal("100.00"),
        currency="EUR",
        room_id="104",
    )
    bodies: list[dict[str, Any]] = [
        {"reservation_made": made},
        {"checked_in": CheckedIn(reservation_id="R1", room_id="104")},
    ]
    facts = [
        RoomsFact(
            fact_id=source_id(bench.hotel, "pms", str(n)),
            occurred_at=1000 + n,
            source_system="pms",
            source_event_id=str(n),
            **body,
        )
        for n, body in enumerate(bodies)
    ]
    return RoomsIntake(
        batch_id=new_id(), property_id=bench.hotel, actor_id="pms", source_system="pms", facts=facts
    )


@pytest.mark.usefixtures("worker")
async def test_a_request_finds_somebody_and_two_accepts_get_one_yes_and_one_no(bench: Bench) -> None:
    for person in ("ben", "cem"):
        shift = StartShift(staff_id=person, department="housekeeping", ends_at=2**41)
        await bench.ask(StaffCommand, start_shift=shift)
    refused = await bench.answered(topics.STAFF, StaffAnswer, 2)
    assert {answer.code for answer in refused} == {"invalid_end"}, "a shift of decades is refused"
    now = refused[-1].recorded_at
    for person in ("ben", "cem"):
        shift = StartShift(staff_id=person, department="housekeeping", ends_at=now + 3_600_000)
        await bench.ask(StaffCommand, start_shift=shift)
    await bench.answered(topics.STAFF, StaffAnswer, 4)

    async with patience():  # the service agent follows shifts: it hears of them a moment later
        while True:
            count = len(await bench.answers(topics.SERVICES, ServicesAnswer)) + 1
            request = RequestService(room_id="101", item="towels")
            request_id = await bench.ask(ServicesCommand, "guest-101", "guest", request=request)
            answer = next(
                a
                for a in await bench.answered(topics.SERVICES, ServicesAnswer, count)
                if a.causation_id == request_id
            )
            if len(answer.facts) == 2:
                break
    assert answer.facts[1].assigned is not None
    assert [c.id for c in answer.why.candidates if c.eligible] == ["ben", "cem"]
    assert answer.why.context.keys() >= {"settings", "staff"}

    accept = RequestCommand(request_id=request_id)
    for person in ("ben", "cem"):
        await bench.ask(ServicesCommand, person, "staff", accept=accept)
    both = (await bench.answered(topics.SERVICES, ServicesAnswer, count + 2))[-2:]
    assert [(a.verdict, a.code) for a in both] == [("accepted", ""), ("refused", "already_accepted")]


@pytest.mark.usefixtures("worker")
async def test_intake_is_recorded_once_and_poison_is_a_dead_letter(bench: Bench) -> None:
    before = len(await bench.answers(topics.ROOMS, RoomsAnswer))
    batch = _intake(bench)
    await bench.say(topics.ROOMS_INTAKE, batch)
    await bench._producer.send_and_wait(
        topics.ROOMS_INTAKE.name, b"poison", key=bench.hotel.encode(), partition=bench.partition
    )
    late = _intake(bench)
    nothing = RoomsFact(fact_id="says-nothing", occurred_at=1)
    late.facts.append(nothing)
    await bench.say(topics.ROOMS_INTAKE, late)
    first, again = (await bench.answered(topics.ROOMS, RoomsAnswer, before + 2))[before:]
    assert [f.room_status_changed.value for f in first.facts if f.room_status_changed] == ["occupied"]
    assert again.facts == []
    assert again.cause.offset == first.cause.offset + 2
    poison, invalid = await bench.dead(topics.ROOMS_INTAKE)
    assert (poison.value, poison.offset) == (b"poison", first.cause.offset + 1)
    assert (invalid.offset, "fact 2 (says-nothing)" in invalid.reason) == (again.cause.offset, True)


async def _until_recovered(folder: Path, count: int) -> None:
    await until(lambda: (folder / "worker.log").read_text().count('"recovered"') >= count)


async def test_of_two_workers_with_one_id_the_older_leaves_and_says_why(bench: Bench, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    started = []
    try:
        for folder in folders:
            folder.mkdir()
            started.append(start_worker(bench.settings, folder, "staff"))
            await _until_recovered(folder, 1)
        assert await asyncio.to_thread(started[0].wait, 60) == EXIT_REFOLD
        assert "Another worker joined as worker-staff-0" in (folders[0] / "worker.log").read_text()
        count = len(await bench.answers(topics.STAFF, StaffAnswer))
        shift = StartShift(staff_id="dan", department="housekeeping", ends_at=1)
        await bench.ask(StaffCommand, start_shift=shift)
        await bench.answered(topics.STAFF, StaffAnswer, count + 1)
        assert started[1].poll() is None
    finally:
        for one in started:
            one.kill()
            one.wait()


async def test_workers_with_ids_of_their_own_share_the_hotels(bench: Bench, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    started = []
    try:
        for number, folder in enumerate(folders):
            folder.mkdir()
            started.append(start_worker(bench.settings, folder, "alerts", worker_id=f"w{number}"))
            await _until_recovered(folder, 1)
        await _until_recovered(folders[0], 2)
        assert '"partitions":3' in (folders[1] / "worker.log").read_text()
        assert [one.poll() for one in started] == [None, None]
    finally:
        for one in started:
            one.kill()
            one.wait()


async def test_killed_again_and_again_every_command_has_exactly_one_answer(
    bench: Bench, tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    before = len(await bench.answers(topics.ROOMS, RoomsAnswer))
    asked: list[str] = []
    process = start_worker(bench.settings, tmp_path, *AGENTS, before=BEGINNING)
    assert await asyncio.to_thread(process.wait, PATIENCE) == -signal.SIGKILL
    for _ in range(3):
        process = start_worker(bench.settings, tmp_path, *AGENTS)
        for _ in range(60):
            value = rng.choice(["dirty", "clean", "inspected", "pickup", "shiny"])
            asked.append(await bench.ask(RoomsCommand, set_room_status=_clean("105", value)))
        await bench.answered(topics.ROOMS, RoomsAnswer, before + len(asked) - 60 + rng.randrange(1, 60))
        process.kill()
        process.wait()
    process = start_worker(bench.settings, tmp_path, *AGENTS)
    answers = (await bench.answered(topics.ROOMS, RoomsAnswer, before + len(asked)))[before:]
    process.kill()
    process.wait()
    assert Counter(a.causation_id for a in answers) == Counter(asked)
    assert [a.causation_id for a in answers] == asked, "in the order they were asked"
