"""A message that came to a device: whose, up to where, told once to who is in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.readmodel import chats
from gateway.readmodel.hotel import Hotel
from gateway.receipts import due
from schemas import topics
from schemas.ids import new_id
from schemas.records.chats import ChatEvent, MessageDelivered, MessageSent, ThreadOpened
from schemas.records.settings import PropertySettings, SettingsRecord
from tests.gateway.support import Client, Running, client, token
from tests.gateway.test_told import Ears, ears, event
from tests.patience import until

__all__ = ["ears"]


def chat_event(own: str, actor: str, **body: Any) -> ChatEvent:
    head: dict[str, Any] = {"property_id": "h", "thread_id": "t", "actor_role": "staff", "device_id": "d"}
    return ChatEvent(event_id=own, actor_id=actor, sequence=0, claimed_at=1, **head, **body)


def hotel_of(said: Sequence[str]) -> Hotel:
    """Who said the n-th message, which lies at n + 1; ann and gus are in the chat."""
    hotel = Hotel("h")
    opened = ThreadOpened(kind="staff", members=["ann", "gus"])
    chats.apply(hotel, chat_event("t", "ann", thread_opened=opened), 0, 0)
    for n, actor in enumerate(said):
        chats.apply(hotel, chat_event(f"m{n + 1}", actor, message_sent=MessageSent(text="x")), n + 1, n)
    return hotel


@given(
    said=st.lists(st.sampled_from(["ann", "gus"]), max_size=8),
    upto=st.tuples(st.integers(0, 10), st.integers(0, 1)),
    before=st.integers(0, 8),
)
def test_it_is_the_newest_of_the_others_that_came_and_only_where_that_is_news(
    said: list[str], upto: tuple[int, int], before: int
) -> None:
    hotel = hotel_of(said)
    if 0 < before <= len(said):
        mark = MessageDelivered(message_id=f"m{before}")
        chats.apply(hotel, chat_event("d", "gus", message_delivered=mark), 100, 100)
    else:
        before = 0
    came = [n + 1 for n, actor in enumerate(said) if actor == "ann" and (n + 1, 0) < upto]
    wanted = [("t", f"m{came[-1]}")] if came and came[-1] > before else []
    assert list(due(hotel, "gus", ["t", "none"], upto)) == wanted


def test_who_only_listens_has_no_mark() -> None:
    assert list(due(hotel_of(["ann"]), "ben", ["t"], (9, 0))) == []


async def test_the_sender_learns_that_it_came_and_whoever_comes_later_too(
    gateway: Running, ears: Ears
) -> None:
    own, thread = ears.own, f"t-{new_id()}"
    opened = ThreadOpened(kind="staff", members=["ann", "gus"])
    head: dict[str, Any] = {"property_id": own, "actor_id": "ann", "actor_role": "staff", "device_id": "d"}
    first = ChatEvent(
        event_id=thread, thread_id=thread, sequence=0, claimed_at=1, thread_opened=opened, **head
    )
    hotel = PropertySettings(name="T", time_zone="Europe/Lisbon", currency="EUR", departments=["spa"])
    about = SettingsRecord(property_id=own, kind="property", id=own, at=1, actor_id="t", property=hotel)
    await ears.say(topics.SETTINGS, about)
    await ears.say(topics.CHATS, first)
    await until(lambda: thread in gateway.live.model.of(own).threads and gateway.live.model.of(own).property)
    name = f"thread:{thread}"
    whole = {name: None}

    async def next_cur(one: Client, kind: str) -> str:
        while (frame := await one.hear("ev"))["type"] != kind:
            pass
        return str(frame["cur"])

    people = {sub: token("staff", own, sub=sub) for sub in ("ann", "gus")}
    async with (
        client(gateway, people["ann"], resume=whole) as ann,
        client(gateway, people["gus"], resume=whole) as gus,
        client(gateway, people["gus"], resume=whole) as other_device,
    ):
        for one in (ann, gus, other_device):
            await one.hear("subbed")
        cursors = []
        for text in ("one", "two"):
            d = {"thread_id": thread, "text": text}
            await ann.say("pub", id=new_id(), cmd="chat.send", d=d)
            cursors.append(await next_cur(gus, "new_message"))
        await gus.say("got", cur="nonsense", ch=name)
        await gus.say("got", cur=cursors[0], ch="thread:of-others")
        await gus.say("got", cur=cursors[0], ch=name)
        came = await event(ann, "message_delivered")
        assert came["actor_id"] == "gus"
        await gus.say("got", cur=cursors[1])
        await other_device.say("got", cur=cursors[1])  # the same once more is no news
        last = await event(ann, "message_delivered")
        assert last["fact"]["message_id"] != came["fact"]["message_id"]
        await gus.say("pub", id=new_id(), cmd="chat.close", d={"thread_id": thread})
        told = []
        while (frame := await ann.hear("ev"))["d"].get("change") != "thread_closed":
            told.append(frame["type"])
        assert told == [], "one device's word is enough"
    async with client(gateway, people["ann"], resume=whole) as late:
        found = (await late.hear("subbed"))["snapshot"]["thread"]
        assert found["delivered"] == {"gus": last["fact"]["message_id"]}
        assert found["reads"] == {}
