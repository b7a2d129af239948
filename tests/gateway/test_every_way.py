"""One suite for every way in: what is heard, once and in order, from any cursor; what is said, once.

A client may come by one way and go on by another: cursors mean the same on all of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio

from infra.runtime.kafka import send
from schemas import topics
from schemas.ids import new_id
from schemas.records.chats import ChatEvent, ThreadOpened
from schemas.records.settings import PropertySettings, Revocation, SettingsRecord
from tests.gateway.script import Script, script
from tests.gateway.support import Running
from tests.gateway.ways import WAYS, House, No, Socket, Way
from tests.patience import patience, until


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def node() -> AsyncIterator[Script]:
    """One for all clients written in JavaScript."""
    async with script() as one:
        yield one


@pytest.fixture
async def house(gateway: Running, node: Script) -> House:
    own = "ways" + new_id()[-6:]
    found = House(gateway, node, own, f"t-{new_id()}")
    about = PropertySettings(name="W", time_zone="Europe/Lisbon", currency="EUR", departments=["spa"])
    record = SettingsRecord(property_id=own, kind="property", id=own, at=1, actor_id="t", property=about)
    key = topics.entity_key(own, "property", own)
    await send(gateway.producer, gateway.settings, topics.SETTINGS, own, record, key)
    opened = ChatEvent(
        event_id=found.thread, property_id=own, thread_id=found.thread, actor_id="ann", actor_role="staff",
        device_id="d", sequence=0, claimed_at=1,
        thread_opened=ThreadOpened(kind="staff", members=["ann", "ben", "gus"]),
    )  # fmt: skip
    await send(gateway.producer, gateway.settings, topics.CHATS, own, opened)
    hotel = gateway.live.model.of(own)
    await until(lambda: hotel.property is not None and found.thread in hotel.threads)
    return found


@asynccontextmanager
async def listening(kind: type[Way], house: House, cursor: str | None = None) -> AsyncIterator[Way]:
    """Ann, by this way."""
    one = kind(house, "ann")
    async with AsyncExitStack() as stack:
        await one.listen(stack, cursor)
        yield one


async def says(one: Way, *texts: str) -> None:
    for text in texts:
        await one.say(new_id(), "chat.send", {"thread_id": one.house.thread, "text": text})


@pytest.mark.parametrize("then", WAYS)
@pytest.mark.parametrize("first", WAYS)
async def test_who_goes_on_by_another_way_hears_each_once_in_order(
    house: House, first: type[Way], then: type[Way]
) -> None:
    async with listening(Socket, house) as other:
        async with listening(first, house) as ann:
            await says(other, "one", "two")
            await says(ann, "three")
            await until(lambda: ann.texts == ["one", "two", "three"], "not all was heard")
        await says(other, "four", "five")
        async with listening(then, house, ann.cursor) as again:
            await says(other, "six")
            await until(lambda: again.texts == ["four", "five", "six"], "what was missed did not come")


@pytest.mark.parametrize("kind", WAYS)
async def test_the_same_id_again_has_one_effect_and_other_words_are_refused(
    house: House, kind: type[Way]
) -> None:
    own, d = new_id(), {"thread_id": house.thread, "text": "once"}
    async with listening(Socket, house) as other, listening(kind, house) as ann:
        await ann.say(own, "chat.send", d)
        await ann.say(own, "chat.send", d)
        with pytest.raises(No, match="id_taken"):
            await ann.say(own, "chat.send", d | {"text": "twice"})
        await says(ann, "last")
        await until(lambda: ann.texts == other.texts == ["once", "last"])


@pytest.mark.parametrize("kind", WAYS)
async def test_what_is_not_ones_own_is_refused(house: House, kind: type[Way]) -> None:
    stranger = kind(house, "zoe")
    async with AsyncExitStack() as stack:
        with pytest.raises(No, match="forbidden"):
            await stranger.listen(stack, None)
    async with listening(kind, house) as ann:
        with pytest.raises(No, match="unknown_thread"):
            await ann.say(new_id(), "chat.send", {"thread_id": "t-other", "text": "x"})


@pytest.mark.parametrize("kind", WAYS)
async def test_who_is_revoked_hears_no_more(house: House, kind: type[Way]) -> None:
    gateway = house.gateway
    async with listening(Socket, house) as other:
        gus = kind(house, "gus")
        async with AsyncExitStack() as stack:
            await gus.listen(stack, None)
            await says(other, "before")
            await until(lambda: gus.texts == ["before"])
            record = SettingsRecord(
                property_id=house.own, kind="revocation", id="gus", at=2, actor_id="t",
                revocation=Revocation(kind="user", id="gus", before=1 << 50),
            )  # fmt: skip
            key = topics.entity_key(house.own, "revocation", "gus")
            await send(gateway.producer, gateway.settings, topics.SETTINGS, house.own, record, key)
            async with patience():
                await gus.over.wait()
            await says(other, "after")
        assert gus.texts == ["before"]
