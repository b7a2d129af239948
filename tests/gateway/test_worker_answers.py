"""Gateway and agents together: a command's answer over REST and sockets, and never a second effect."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import client as library
from gateway.recall import YOUNG_MS
from schemas import topics
from schemas.ids import new_id
from schemas.records.rooms import RoomsAnswer
from tests.fixtures_kafka import free_ports
from tests.gateway.support import Client, Running, client, process, running, token
from tests.patience import PATIENCE
from tests.streams.bench import Bench, start_worker


@pytest.fixture(scope="module")
async def bench(gateway: Running) -> Bench:
    one = Bench(gateway.settings, gateway.producer)
    await one.furnish()
    return one


@pytest.fixture(scope="module", autouse=True)
def worker(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("worker")
    process = start_worker(bench.settings, folder, "rooms", "services", "staff", "alerts", "notifications")
    yield
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0, (folder / "worker.log").read_text()[-3000:]


class House:
    """The hotel through one gateway's REST."""

    def __init__(self, gateway: Running, hotel: str) -> None:
        self.hotel = hotel
        self._gateway = gateway

    async def do(
        self, command: str, d: dict[str, Any], own: str = "", sub: str = "boss", role: str = "manager"
    ) -> httpx.Response:
        """`agent.cmd` by somebody; again while its agent is not up yet (202), always with the same id."""
        agent, _, cmd = command.partition(".")
        more: dict[str, Any] = {"departments": ["housekeeping"]} if role == "staff" else {}
        body = {"id": own or new_id(), "cmd": cmd, "d": d}
        headers = {"Authorization": f"Bearer {token(role, self.hotel, sub=sub, **more)}"}
        deadline = time.monotonic() + PATIENCE
        async with self._gateway.web(headers=headers) as web:
            while True:
                found = await web.post(f"/api/{agent}", json=body)
                if found.status_code != 202 and "unknown_property" not in found.text:
                    return found
                assert time.monotonic() < deadline, found.text
                await asyncio.sleep(0.05)


@pytest.fixture
def house(gateway: Running, bench: Bench) -> House:
    return House(gateway, bench.hotel)


def dirty(room: str = "101") -> dict[str, str]:
    return {"room_id": room, "dimension": "housekeeping", "value": "dirty"}


async def test_yes_no_and_unknown_over_rest(house: House) -> None:
    own = new_id()
    yes = await house.do("rooms.set_room_status", dirty(), own)
    assert (yes.status_code, yes.json()["id"], yes.json()["verdict"]) == (200, own, "accepted")
    no = await house.do("rooms.set_room_status", dirty() | {"value": "shiny"})
    assert no.status_code == 409, no.text
    assert set(no.json()["error"]) == {"code", "message"}
    assert no.json()["error"]["message"]
    for command, d in (
        ("services.request", {"room_id": "999", "item": "towels"}),
        ("services.accept", {"request_id": new_id()}),
    ):
        unknown = await house.do(command, d)
        assert unknown.status_code == 404, unknown.text


async def test_two_accepts_at_once_get_one_yes_and_one_no(house: House) -> None:
    for person in ("ben", "cem"):
        d = {"staff_id": person, "department": "housekeeping", "ends_at": int(time.time() * 1000) + 3_600_000}
        assert (await house.do("staff.start_shift", d)).status_code == 200
    own = new_id()
    asked = await house.do("services.request", {"room_id": "101", "item": "towels"}, own)
    assert asked.status_code == 200, asked.text
    both = await asyncio.gather(
        *(house.do("services.accept", {"request_id": own}, sub=who, role="staff") for who in ("ben", "cem"))
    )
    assert sorted(one.status_code for one in both) == [200, 409]
    (no,) = [one.json()["error"] for one in both if one.status_code == 409]
    assert no["code"] == "already_accepted"
    assert any(who in no["message"] for who in ("ben", "cem"))


async def test_a_pub_is_acked_and_told_to_another_socket_a_refusal_to_the_sender(
    gateway: Running, house: House
) -> None:
    staff, sender = f"staff:{house.hotel}", "user:anna"
    said, refused = new_id(), new_id()
    own = token("manager", house.hotel, sub="anna")
    async with (
        client(gateway, token("manager", house.hotel, sub="boss"), resume={staff: None}) as other,
        client(gateway, own, resume={sender: None}) as anna,
    ):
        await other.hear("subbed")
        await anna.hear("subbed")
        await anna.say("pub", id=said, cmd="rooms.set_room_status", d=dirty("102"))
        assert (await anna.hear("ack"))["id"] == said
        event = await until(other, "room_status_changed")
        assert (event["d"]["causation_id"], event["d"]["room"]["housekeeping"]) == (said, "dirty")
        await anna.say("pub", id=refused, cmd="rooms.set_room_status", d=dirty("102") | {"value": "shiny"})
        rejected = (await acked_and(anna, refused, "command_rejected"))["d"]
        assert rejected["causation_id"] == refused
        assert rejected["message"]


async def test_an_emergency_and_an_announcement_are_heard_wherever_they_may_be(
    gateway: Running, house: House
) -> None:
    hotel, later = house.hotel, int(time.time() * 1000) + 3_600_000
    d = {"staff_id": "ann", "department": "housekeeping", "ends_at": later}
    assert (await house.do("staff.start_shift", d)).status_code == 200
    me, guest = token("staff", hotel, sub="ann"), token("guest", hotel, room="101")
    hear = {f"staff:{hotel}": None, "user:ann": None}
    async with (
        client(gateway, me, resume=hear) as ann,
        client(gateway, guest, resume={f"property:{hotel}": None}) as gus,
        client(gateway, guest, resume={"user:guest-1": None}) as own,
    ):
        for one in (ann, ann, gus, own):
            await one.hear("subbed")
        fire = {"kind": "fire", "location": "bar"}
        await gus.say(
            "pub", id=(raised := new_id()), cmd="alerts.raise_emergency", d=fire | {"room_id": "101"}
        )
        for told in (
            await until(ann, "emergency_alert"),
            await acked_and(gus, raised, "emergency_alert"),
        ):
            assert (told["d"]["causation_id"], told["d"]["alert"]["kind"]) == (raised, "fire")
        bell = (await until(ann, "notification"))["d"]["notification"]
        assert (bell["category"], bell["user_id"], bell["status"]) == ("emergency", "ann", "unseen")
        word = {"audience": "house", "title": "Pool", "body": "Closed", "until": later}
        async with gateway.web() as web:
            head = {"Authorization": "Bearer " + token("manager", hotel, sub="boss")}
            said = {"id": new_id(), "cmd": "announce", "d": word}
            assert (await web.post("/api/announcements", json=said, headers=head)).status_code == 200
        assert (await until(gus, "announcement"))["d"]["announcement"]["title"] == "Pool"
        done = await house.do("alerts.acknowledge", {"alert_id": raised}, sub="ann", role="staff")
        assert done.status_code == 200
        assert (await until(gus, "alert_updated"))["d"]["alert"]["status"] == "acknowledged"
        who = (await until(own, "alert_updated"))["d"]["alert"]["acknowledged_by"]
        assert who == "ann", "to who called for help"


async def acked_and(one: Client, own: str, kind: str) -> dict[str, Any]:
    """The next event of this type, and the ack of `own`: they come by two ways, in either order."""
    acked, event = False, None
    while not acked or event is None:
        frame = await one.hear("ack", "ev")
        acked = acked or (frame.get("id") == own and frame["t"] == "ack")
        event = frame if frame.get("type") == kind else event
    return event


async def until(one: Client, kind: str) -> dict[str, Any]:
    """The next event of this type; who comes and goes is said in between."""
    while (frame := await one.hear("ev"))["type"] != kind:
        pass
    return frame


async def test_the_same_id_has_one_effect_and_the_same_answer_at_any_gateway(
    gateway: Running, house: House, bench: Bench, kafka: str
) -> None:
    minutes_ago = int(time.time() * 1000) - 2 * YOUNG_MS
    yes, no = new_id(minutes_ago), new_id(minutes_ago)
    wrong = dirty("103") | {"value": "shiny"}
    first = await house.do("rooms.set_room_status", dirty("103"), yes)
    refused = await house.do("rooms.set_room_status", wrong, no)
    assert (first.status_code, refused.status_code) == (200, 409)

    async def same(there: House) -> None:
        again = await there.do("rooms.set_room_status", dirty("103"), yes)
        assert (again.status_code, again.json()["verdict"]) == (200, "accepted"), again.text
        again = await there.do("rooms.set_room_status", wrong, no)
        assert (again.status_code, again.json()) == (409, refused.json())
        stolen = await there.do("rooms.set_room_status", dirty("103"), yes, sub="thief")
        assert (stolen.status_code, stolen.json()["error"]["code"]) == (409, "id_taken")

    await same(house)
    async with running(kafka) as other:  # it has heard none of this itself
        await same(House(other, bench.hotel))
    answers = await bench.answers(topics.ROOMS, RoomsAnswer)
    assert [one.causation_id for one in answers if one.causation_id in (yes, no)] == [yes, no]


@pytest.mark.parametrize("step", ["record_sent", "record_acknowledged"])
async def test_a_gateway_killed_behind_each_step_of_a_send_what_was_said_has_one_effect(
    gateway: Running, house: House, bench: Bench, tmp_path: Path, step: str
) -> None:
    (port,) = free_ports(1)
    said, hotel = new_id(), house.hotel
    boss = token("manager", hotel, sub="boss")
    async with library.Client(gateway.url, boss) as desk:
        opened = {"kind": "staff", "subject": "s", "members": ["boss"]}
        thread = (await desk.rest.post("/api/chat/rooms", {"id": new_id(), "cmd": "open", "d": opened}))[
            "thread_id"
        ]
    words = {"rooms.set_room_status": dirty("104"), "chat.send": {"thread_id": thread, "text": "hello"}}
    for command, d in words.items():
        async with AsyncExitStack() as stack:
            armed = {"CONCIERGE_FAILPOINTS": f"gateway.{step}=1"}
            own = await stack.enter_async_context(process(gateway, tmp_path, port, **armed))
            speaker = await stack.enter_async_context(library.Client(f"http://127.0.0.1:{port}", boss))
            await speaker.sub(f"staff:{hotel}")
            assert own.poll() is None
            sending = asyncio.create_task(speaker.send(command, d, id=said))
            assert await asyncio.to_thread(own.wait, PATIENCE) == -signal.SIGKILL
            await stack.enter_async_context(process(gateway, tmp_path, port))
            assert await sending == said
    assert (tmp_path / "gateway.log").read_text().count(f"failpoint gateway.{step}, passing 1\n") == 2
    answers = await bench.answered(topics.ROOMS, RoomsAnswer, 1)
    assert [one.causation_id for one in answers].count(said) == 1
    async with library.Client(gateway.url, boss) as desk:
        found = await desk.rest.get("/api/chat/messages", thread_id=thread)
    assert [one["text"] for one in found["messages"]] == ["hello"]
