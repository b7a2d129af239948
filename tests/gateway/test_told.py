"""What folders and watchdogs say reaches whom it concerns, over the log and a running gateway."""

from __future__ import annotations

import datetime
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import pytest

from infra.runtime.kafka import send
from schemas import topics
from schemas.ids import new_id
from schemas.records.folds import OccupancyState, PerformanceState, RevenueState, ServiceLoadState
from schemas.records.operations import SystemAlert
from schemas.records.settings import PropertySettings, SettingsRecord
from tests.gateway.support import Client, Running, client, token
from tests.patience import until

DAY = datetime.date(2026, 3, 1)
WHO = {"ops": "manager", "staff": "staff", "property": "guest"}


class Ears:
    """A manager, a member of staff and a guest, each on the channel of their kind."""

    def __init__(self, gateway: Running, own: str, ears: dict[str, Client]) -> None:
        self.own, self._gateway, self._ears = own, gateway, ears

    async def say(self, topic: topics.Topic, record: Any) -> None:
        key = topics.entity_key(self.own, record.kind, record.id) if topic.compacted else None
        await send(self._gateway.producer, self._gateway.settings, topic, self.own, record, key)

    def of(self, name: str) -> Client:
        """One of them."""
        return self._ears[name]

    async def heard(self) -> dict[str, list[str]]:
        """What each heard up to now: a last word to all three ends it."""
        end = new_id()
        found: dict[str, list[str]] = {}
        for name, one in self._ears.items():
            await one.say("nothing", id=end)
            kinds: list[str] = []
            while (frame := await one.hear("ev", "nack"))["t"] == "ev":
                kinds += [frame["type"]] if not frame["type"].endswith("_online") else []
            found[name] = kinds
        return found


@pytest.fixture
async def ears(gateway: Running) -> AsyncIterator[Ears]:
    own = "told" + new_id()[-6:]
    async with AsyncExitStack() as stack:
        found = {}
        for kind, role in WHO.items():
            hello = {"resume": {f"{kind}:{own}": None}}
            found[kind] = await stack.enter_async_context(client(gateway, token(role, own), **hello))
            await found[kind].hear("subbed")
        yield Ears(gateway, own, found)


async def test_each_value_goes_to_whom_it_is_for_and_an_older_one_to_nobody(
    gateway: Running, ears: Ears
) -> None:
    def head(kind: str, own: str, at: int) -> dict[str, Any]:
        return {"property_id": ears.own, "kind": kind, "id": own, "vector": {"rooms": at}, "as_of": at}

    names = "rooms occupied out_of_order out_of_service dirty ready guests arrivals_expected arrivals_done"
    counts = [*names.split(), "departures_expected", "departures_done"]
    for at in (7, 5):
        said = head("occupancy", "live", at)
        said.update(dict.fromkeys(counts, at))
        house = OccupancyState(**said, business_date=DAY)
        await ears.say(topics.OCCUPANCY_STATE, house)
    await ears.say(topics.SERVICE_LOAD_STATE, ServiceLoadState(
        **head("load", "spa", 7), open=1, assigned=0, accepted=0, started=0, completed=0, breached_open=0,
        oldest_open_at=None, credits_open=0.5,
    ))  # fmt: skip
    await ears.say(topics.PERFORMANCE_STATE, PerformanceState(
        **head("performance", "ben", 7), department="spa", on_shift=True, on_break=False, assigned=1,
        accepted=1, completed=1, released=0, response_ms=1, resolution_ms=1, resolved_on_time=1,
        credits_done=1.0, ratings=0, rating_sum=0,
    ))  # fmt: skip
    await ears.say(topics.REVENUE_STATE, RevenueState(
        **head("revenue", "2026-03-01", 7), business_date=DAY, currency="EUR", room_revenue=Decimal(1),
        other_revenue=Decimal(0), room_nights=1, complimentary_nights=0, charges=1,
    ))  # fmt: skip
    await until_seen(gateway, ears.own)
    heard = await ears.heard()
    assert sorted(heard.pop("ops")) == [
        "occupancy_updated", "revenue_updated", "service_load_updated", "service_request_updated",
        "staff_performance_updated",
    ]  # fmt: skip
    assert heard == {"staff": ["occupancy_updated"], "property": []}
    occupancy = gateway.live.model.of(ears.own).occupancy
    assert occupancy is not None
    assert occupancy.rooms == 7


@pytest.mark.parametrize("whole", [False, True], ids=["one hotel", "the group"])
async def test_a_watchdogs_word_is_for_those_who_run_the_house(
    gateway: Running, ears: Ears, whole: bool
) -> None:
    gateway.live.model.of(ears.own)  # a hotel is told what is said to all once the log has spoken of it
    about = "*" if whole else ears.own
    word = SystemAlert(
        event_id=new_id(), property_id=about, kind="part_died", part="sink", sentence="The sink died.",
        at=int(time.time() * 1000),
    )  # fmt: skip
    await send(gateway.producer, gateway.settings, topics.SYSTEM, about, word)
    while (frame := await ears.of("ops").hear("ev"))["id"] != word.event_id:
        pass  # other tests' watchdogs speak, too
    assert frame["type"] == "system_alert"
    assert frame["d"]["sentence"] == "The sink died."
    heard = await ears.heard()
    assert "system_alert" not in heard["staff"] + heard["property"]
    async with client(gateway, token("admin", ears.own), resume={f"ops:{ears.own}": None}) as late:
        known = (await late.hear("subbed"))["snapshot"]["system_alerts"]
    assert word.event_id in [one["event_id"] for one in known], "who comes later sees it, too"


async def test_a_chat_is_told_to_its_thread_its_people_and_its_department(
    gateway: Running, ears: Ears
) -> None:
    own = ears.own
    hotel = PropertySettings(name="T", time_zone="Europe/Lisbon", currency="EUR", departments=["spa"])
    await ears.say(
        topics.SETTINGS,
        SettingsRecord(property_id=own, kind="property", id=own, at=1, actor_id="t", property=hotel),
    )
    await until(lambda: gateway.live.model.of(own).property)
    staff, spa = token("staff", own, departments=["spa"]), {f"department:{own}:spa": None}
    guest, mine = token("guest", own, room="101"), {"user:guest-1": None}
    async with client(gateway, guest, resume=mine) as gus, client(gateway, staff, resume=spa) as ben:
        await gus.hear("subbed")
        await ben.hear("subbed")
        await gus.say(
            "pub", id=new_id(), cmd="chat.open", d={"kind": "guest_department", "department": "spa"}
        )
        for one in (gus, ben):
            opened = await event(one, "thread_updated")
            assert opened["change"] == "thread_opened"
        thread = {"thread_id": opened["thread_id"]}
        for one in (gus, ben):
            await one.say("sub", ch=f"thread:{thread['thread_id']}")
            await one.hear("subbed")
        await gus.say("pub", id=new_id(), cmd="chat.typing", d=thread)
        assert (await event(ben, "typing"))["user_id"] == "guest-1"
        await gus.say("pub", id=new_id(), cmd="chat.send", d=thread | {"text": "Is it open?"})
        said = await event(ben, "new_message")
        assert (said["text"], said["actor_id"]) == ("Is it open?", "guest-1")
        await ben.say("pub", id=new_id(), cmd="chat.read", d=thread | {"message_id": said["message_id"]})
        read = await event(gus, "message_read")
        assert (read["actor_id"], read["fact"]["message_id"]) == ("staff-1", said["message_id"])
        await gus.say("pub", id=new_id(), cmd="chat.send", d=thread | {"text": "Hello?"})
        later = await event(ben, "new_message")
        for shown in (later, said, later):  # the second lies behind the first, the third is no news
            marked = thread | {"message_id": shown["message_id"]}
            await ben.say("pub", id=new_id(), cmd="chat.read", d=marked)
            await ben.hear("ack")
        await ben.say("pub", id=new_id(), cmd="chat.close", d=thread)
        marks: dict[str, str] = {}
        while (frame := await gus.hear("ev"))["d"].get("change") != "thread_closed":
            if frame["type"] == "message_read":
                marks[frame["id"]] = frame["d"]["fact"]["message_id"]
        # The first mark comes once for each channel, so its second frame may be among these.
        assert [one for one in marks.values() if one != said["message_id"]] == [later["message_id"]]
        assert list(marks.values())[-1] == later["message_id"]


async def event(one: Client, kind: str) -> dict[str, Any]:
    """What the next event of this type says."""
    while (frame := await one.hear("ev"))["type"] != kind:
        pass
    found: dict[str, Any] = frame["d"]
    return found


async def until_seen(gateway: Running, own: str) -> None:
    """Until this gateway's reader has come to the end of what is there of this hotel."""
    await gateway.request(own, last := new_id())
    assert await gateway.live.answers.wait(own, last, 10) is not None
