"""Who hears which channel is what the page says: by subscribing, from a cursor, by a snapshot, over REST.

And nobody of another hotel gets a byte of it, where everything has the same ids there.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from gateway.matrix import CHANNELS, PERSONS, furnish
from schemas import topics
from schemas.codec import encode
from schemas.ids import new_id
from schemas.record import Record
from schemas.records.alerts import AlertsAnswer, AlertsFact, Announced
from schemas.records.base import Cause, Why
from schemas.records.chats import ChatEvent, MessageSent
from schemas.records.settings import PropertySettings, SettingsRecord
from schemas.topics import Topic
from tests.gateway.support import Client, Running, end_of, token
from tests.gateway.test_matrix import DEPARTMENTS, FAR, own_token, section
from tests.patience import patience, until

MARK = "of-the-first-hotel"


class Everything(Client):
    """A client that keeps every byte it hears."""

    def __init__(self, ws: Any) -> None:
        super().__init__(ws)
        self.heard = list[str]()
        self.events = list[tuple[str, str]]()

    async def next(self) -> dict[str, Any]:
        """The next frame."""
        async with patience():
            text = str(await self.ws.recv())
        self.heard.append(text)
        frame: dict[str, Any] = msgspec.json.decode(text)
        if frame["t"] == "ev" and "cur" in frame:
            self.events.append((frame["ch"], frame["type"]))
        return frame

    async def asked(self, channel: str, cur: str | None) -> dict[str, Any]:
        """What it is told about its `sub`."""
        await self.say("sub", ch=channel, cur=cur)
        while True:
            frame = await self.next()
            if frame.get("ch") == channel and frame["t"] == "subbed":
                return frame
            if frame.get("id") == channel and frame["t"] == "nack":
                return frame

    async def until_told(self) -> None:
        """All that was said to it by now is heard."""
        await self.say("ping")
        while (await self.next())["t"] != "pong":
            pass


@asynccontextmanager
async def everything(gateway: Running, own: str) -> AsyncIterator[Everything]:
    async with gateway.socket() as ws:
        one = Everything(ws)
        await one.say("hello", v=1, token=own)
        assert (await one.next())["t"] == "welcome"
        yield one


class Hotel:
    """The page's hotel on a running gateway, and what was said in it since `before`."""

    def __init__(self, gateway: Running) -> None:
        self.gateway, self.own, self.before = gateway, "perm" + new_id()[-6:], ""

    def channel(self, said: str, column: str) -> str:
        """The channel of a row of the page."""
        return CHANNELS[said].format(hotel=self.own, own=PERSONS[column].user_id)

    async def open(self) -> None:
        live = self.gateway.live
        about = PropertySettings(name="P", time_zone="UTC", currency="EUR", departments=DEPARTMENTS)
        record = SettingsRecord(
            property_id=self.own, kind="property", id=self.own, at=1, actor_id="a", property=about
        )
        await self.write(topics.SETTINGS, record, topics.entity_key(self.own, "property", self.own))
        await until(lambda: live.model.of(self.own).property is not None)
        furnish(live.model.of(self.own))
        self.before = live.hub.cursor(self.own)

    async def write(self, topic: Topic, record: Record, key: bytes | None = None) -> None:
        """A record where its hotel is at home."""
        partition = topics.partition_of(self.own, self.gateway.settings.partitions)
        await self.gateway.producer.send_and_wait(
            topic.name, encode(record), key or self.own.encode(), partition=partition
        )

    async def live(self) -> None:
        """Something happens on every kind of channel, and each of it is marked."""
        for room in ("101", "102"):
            await self.gateway.request(self.own, f"{MARK}-{room}-{new_id()}", room=room, staff_id="cem")
        for thread, speaker in (("with-guest", "ann"), ("of-staff", "fay")):
            said = ChatEvent(
                event_id=new_id(), property_id=self.own, thread_id=thread, actor_id=speaker,
                actor_role="guest", device_id="d", sequence=0, claimed_at=1,
                message_sent=MessageSent(text=MARK),
            )  # fmt: skip
            await self.write(topics.CHATS, said)
        partition = topics.partition_of(self.own, self.gateway.settings.partitions)
        ids, now = {"house": new_id(), "staff": new_id()}, int(time.time() * 1000)
        facts = [
            AlertsFact(
                fact_id=new_id(), occurred_at=now,
                announced=Announced(
                    announcement_id=own, audience=audience, title=MARK, body=MARK, until=FAR  # type: ignore[arg-type]  # a Literal by its text
                ),
            )
            for audience, own in ids.items()
        ]  # fmt: skip
        answer = AlertsAnswer(
            event_id=new_id(), property_id=self.own, recorded_at=1, actor_id="fay", actor_role="manager",
            causation_id=MARK, cause=Cause(topic="alerts.commands", partition=partition, offset=0),
            expected=await end_of(self.gateway.settings, topics.ALERTS.name, partition),
            verdict="accepted", why=Why(rule="test", sentence=MARK), facts=facts,
        )  # fmt: skip
        await self.write(topics.ALERTS, answer)
        known = self.gateway.live.model.of(self.own).announcements
        await until(lambda: ids["staff"] in known, "it was never seen")


@pytest.fixture(scope="module")
async def hotel(gateway: Running) -> Hotel:
    one = Hotel(gateway)
    await one.open()
    await one.live()
    return one


def yes(column: str) -> set[str]:
    """The rows of the page that this column may hear."""
    return {said for said, row in section("Channels").items() if row[column]}


@pytest.mark.parametrize("column", PERSONS)
async def test_subscribed_and_told_and_replayed_is_what_the_page_says(hotel: Hotel, column: str) -> None:
    mine = {hotel.channel(said, column) for said in yes(column)}
    async with (
        everything(hotel.gateway, own_token("system", hotel.own)) as all_of_it,
        everything(hotel.gateway, own_token(column, hotel.own)) as snapshot,
        everything(hotel.gateway, own_token(column, hotel.own)) as past,
    ):
        for said in CHANNELS:
            name = hotel.channel(said, column)
            assert (await all_of_it.asked(name, hotel.before)).get("recovered"), name
            for one, cur in ((snapshot, None), (past, hotel.before)):
                frame = await one.asked(name, cur)
                assert (frame["t"] == "subbed") is (said in yes(column)), (name, frame)
                if frame["t"] == "nack":
                    assert frame["code"] == "forbidden"
                else:
                    assert ("snapshot" in frame) is (cur is None)
        await hotel.live()
        spoken = {
            hotel.channel(said, column) for said in CHANNELS if "user:" not in CHANNELS[said]
        }  # nothing was said to a person here
        for one, times in ((all_of_it, 2), (past, 2), (snapshot, 1)):
            wanted = spoken if one is all_of_it else spoken & mine
            while {name for name in wanted if sum(ch == name for ch, _ in one.events) >= times} != wanted:
                await one.next()
            await one.until_told()
            assert {ch for ch, _ in one.events} <= mine | spoken
            if one is not all_of_it:
                assert {ch for ch, _ in one.events} <= mine, "nothing of what is not theirs"
        if not mine:
            assert MARK not in "".join(snapshot.heard + past.heard)


@pytest.mark.parametrize("column", PERSONS)
async def test_over_rest_it_is_the_same(hotel: Hotel, column: str) -> None:
    head = {"Authorization": f"Bearer {own_token(column, hotel.own)}"}
    async with hotel.gateway.web(headers=head) as web:
        for said in CHANNELS:
            name = hotel.channel(said, column)
            for cur in ({}, {"cur": hotel.before}):
                if cur and "user:" in name:
                    continue  # nothing was said there, so the answer would wait for it
                answer = await web.get("/api/websocket/events", params={"ch": name, "poll": "1"} | cur)
                assert (answer.status_code == 200) is (said in yes(column)), (name, answer.text)
                assert answer.status_code in (200, 403)


@pytest.mark.parametrize("column", PERSONS)
async def test_nobody_of_another_hotel_gets_a_byte_of_it(hotel: Hotel, column: str) -> None:
    """Their hotel has the same people, rooms and threads; they ask for the first by every name it has."""
    other = Hotel(hotel.gateway)
    await other.open()
    theirs = own_token(column, other.own)
    head = {"Authorization": f"Bearer {theirs}"}
    async with everything(hotel.gateway, theirs) as one, hotel.gateway.web(headers=head) as web:
        for said in CHANNELS:
            for name in {hotel.channel(said, column), other.channel(said, column)}:
                for cur in (None, hotel.before, other.before):
                    frame = await one.asked(name, cur)
                    own = hotel.own not in name and said in yes(column)
                    assert (frame["t"] == "subbed") is own, (name, frame)
                    # Somebody else's cursor is of no use: a snapshot of the own hotel.
                    assert bool(frame.get("reset")) is (own and cur == hotel.before)
            answer: httpx.Response = await web.get(
                "/api/websocket/events", params={"ch": hotel.channel(said, column), "poll": "1"}
            )
            assert MARK not in answer.text
        for cmd in section("Commands"):
            await one.say(
                "pub", id=new_id(), cmd=cmd, d={"property_id": hotel.own, "thread_id": "with-guest"}
            )
            while (frame := await one.next())["t"] not in ("ack", "nack"):
                pass
            assert (frame["t"], frame["code"]) == ("nack", "forbidden"), cmd
        await hotel.live()
        await one.until_told()
    assert MARK not in "".join(one.heard)
    assert {ch for ch, _ in one.events} == set()


@pytest.mark.parametrize("role", ["guest", "staff", "manager", "data"])
async def test_a_token_for_every_hotel_is_for_admins_and_systems(hotel: Hotel, role: str) -> None:
    own = token(role, "*", room="101", departments=["housekeeping"])
    async with everything(hotel.gateway, own) as one:
        for said in CHANNELS:
            name = hotel.channel(said, "guest")
            assert (await one.asked(name, hotel.before))["t"] == "nack", name
        await one.until_told()
    assert MARK not in "".join(one.heard)
