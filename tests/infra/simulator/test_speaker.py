"""The simulated people on a real gateway, and the command that brings them to life."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from gateway.client import Rest
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator import layout, person
from infra.simulator import speaker as speaking
from infra.simulator.speaker import Speaker
from infra.simulator.step import PROPERTY_SYSTEM, Step, guest_actor, member_actor
from schemas import topics
from schemas.ids import new_id
from tests.gateway.support import SECRET, Running, end_of, running
from tests.patience import patience

HOTEL = layout.hotel(40, 5)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(kafka: str) -> AsyncIterator[Running]:
    """A running gateway; no agent answers."""
    async with running(kafka) as one:
        yield one


def settings_of_gateway(gateway: Running) -> Settings:
    return gateway.settings.model_copy(update={"gateway_port": gateway.port})


async def test_a_hotel_is_set_up_and_its_people_speak(gateway: Running) -> None:
    settings, outcomes = settings_of_gateway(gateway), Counter[str]()
    guest = guest_actor("101", "R1", "g1")
    opened = {"kind": "guest_department", "department": "front_desk", "subject": "Room 101"}
    made = {
        "reservation_id": "R1",
        "arrival": "2026-03-01",
        "departure": "2026-03-02",
        "booked_on": "2026-02-01",
        "room_type": "double",
        "guest_id": "g1",
        "rate": "1.00",
        "currency": "EUR",
    }
    facts = {
        "source_system": "simulator",
        "facts": [{"source_event_id": new_id(), "reservation_made": made}],
    }
    thread = new_id()
    steps = [
        Step(0, 1, new_id(), PROPERTY_SYSTEM, "rooms.facts", facts),
        Step(0, 2, thread, guest, "chat.open", opened),
        Step(0, 3, new_id(), guest, "chat.send", {"thread_id": thread, "text": "Hello"}),
        Step(0, 4, new_id(), member_actor(HOTEL, "staff-front_desk-1"), "chat.send",
             {"thread_id": thread, "text": "Good day"}),
        Step(0, 5, new_id(), guest, "rooms.check_out", {"reservation_id": "R1"}),
    ]  # fmt: skip
    async with Speaker(settings, HOTEL, outcomes) as speaker:
        await speaker.furnish()
        for step in steps:
            await speaker.say(step)
        assert await speaker.found() == (None, None)
    assert outcomes == {"accepted": 4, "refused": 1}
    async with person.client(settings, user_id="m", role="manager", property_id=HOTEL.property_id) as manager:
        rest: Rest = manager.rest
        assert len((await rest.get("/api/rooms"))["rooms"]) == 5
        (chat,) = (await rest.get("/api/chat/rooms"))["rooms"]
        assert chat["last_message"]["text"] == "Good day"


async def test_a_gateway_with_another_secret_is_said_plainly(gateway: Running) -> None:
    settings = settings_of_gateway(gateway).model_copy(update={"jwt_secret": SecretStr("x" * 40)})
    async with Speaker(settings, HOTEL, Counter()) as speaker:
        with pytest.raises(Problem, match="same data folder"):
            await speaker.furnish()


async def test_without_a_gateway_it_says_so_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "START_SECONDS", 0.0)
    settings = Settings(jwt_secret=SecretStr(SECRET), gateway_port=free_row())
    async with Speaker(settings, HOTEL, Counter()) as speaker:
        with pytest.raises(Problem, match="start it with `concierge up`"):
            await speaker.furnish()


async def test_stopped_by_a_signal_it_says_what_came_of_it(gateway: Running, tmp_path: Path) -> None:
    before = await end_of(gateway.settings, topics.STAFF_COMMANDS.name, topics.partition_of("harbour", 6))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.cli", "simulate", "--rooms", "5", "--seed", "3", "--json"),
        env={
            "PATH": "/usr/bin:/bin",
            "CONCIERGE_DATA_DIR": str(tmp_path),
            "CONCIERGE_GATEWAY_PORT": str(gateway.port),
            "CONCIERGE_JWT_SECRET": SECRET,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    async with patience():
        # The second one is said once the first is answered.
        while (
            await end_of(gateway.settings, topics.STAFF_COMMANDS.name, topics.partition_of("harbour", 6))
            < before + 2
        ):
            await asyncio.sleep(0.1)
        child.send_signal(signal.SIGTERM)
        said, _ = await child.communicate()
    found = json.loads(said.splitlines()[-1])
    assert child.returncode == 0
    assert found["seed"] == 3
    assert found["outcomes"]["accepted"] >= 1
    assert found["steps"]["staff.start_shift"] >= 1
