"""Who types is over by itself, and never outlives the message, in whatever order the two are heard."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from gateway.typists import TYPES_FOR_MS, Typists
from infra.bench import loads
from infra.runtime.kafka import send
from schemas.ids import new_id
from schemas.records.signals import Signal, Typing
from tests.gateway.support import Client, Running, client, token
from tests.patience import until

Step = tuple[str, str, int]


def typing(user: str, at: int, on: bool = True) -> Signal:
    return Signal(property_id="h", gateway_id="g", at=at, typing=Typing(thread_id="t", user_id=user, on=on))


def heard(typists: Typists, user: str, at: int, now: int, on: bool = True) -> list[bool]:
    signal = typing(user, at, on)
    assert signal.typing is not None
    return [said.d["on"] for said in typists.heard(signal, signal.typing, now)]


def test_it_is_over_by_itself_once() -> None:
    typists = Typists()
    assert heard(typists, "ann", 1_000, 1_005) == [True]
    assert heard(typists, "ann", 6_000, 6_005) == [True], "said again: whoever came meanwhile sees it, too"
    assert typists.expire(6_004 + TYPES_FOR_MS) == []
    ((hotel, over),) = typists.expire(6_005 + TYPES_FOR_MS)
    assert (hotel, over.channels, over.d) == (
        "h", ("thread:t",), {"thread_id": "t", "user_id": "ann", "on": False},
    )  # fmt: skip
    assert typists.expire(60_000) == []


def test_it_never_outlives_the_message() -> None:
    typists = Typists()
    assert heard(typists, "ann", 1_000, 1_000) == [True]
    assert [said.d["on"] for said in typists.sent("h", "t", "ann", 2_000)] == [False]
    assert heard(typists, "ann", 1_900, 2_010) == [], "word of it that came late"
    assert heard(typists, "ben", 1_900, 2_010) == [True], "somebody else's"
    assert heard(typists, "ann", 2_500, 2_510) == [True], "the next message"
    assert typists.sent("h", "t", "gus", 2_600) == [], "who typed nothing"


def test_it_ends_with_the_chat_for_all_who_type_there() -> None:
    typists = Typists()
    for user in ("ann", "ben"):
        assert heard(typists, user, 1_000, 1_000) == [True]
    assert typists.closed("h", "another", 1_500) == []
    assert typists.closed("another", "t", 1_500) == []
    over = typists.closed("h", "t", 2_000)
    assert [(said.d["user_id"], said.d["on"]) for said in over] == [("ann", False), ("ben", False)]
    assert typists.closed("h", "t", 2_001) == []
    assert typists.expire(60_000) == []


def test_what_is_old_is_nothing_and_no_more_is_said_once() -> None:
    typists = Typists()
    assert heard(typists, "ann", 1_000, 1_000 + TYPES_FOR_MS) == []
    assert heard(typists, "ann", 20_000, 20_000) == [True]
    assert heard(typists, "ann", 20_100, 20_100, on=False) == [False]
    assert heard(typists, "ann", 20_200, 20_200, on=False) == []


@given(
    st.lists(st.tuples(st.sampled_from(["type", "stop", "send"]), st.sampled_from("ab"), st.integers(1, 9)))
)
def test_whoever_is_shown_said_so_lately_and_in_the_end_nobody_is(steps: list[Step]) -> None:
    typists, now = Typists(), 1_000_000
    shown: dict[str, int] = {}
    for act, user, seconds in steps:
        now += seconds * 1_000
        told = [said for _, said in typists.expire(now)]
        if act == "send":
            told += typists.sent("h", "t", user, now)
        else:
            signal = typing(user, now, act == "type")
            assert signal.typing is not None
            told += typists.heard(signal, signal.typing, now)
        for said in told:
            if said.d["on"]:
                shown[said.d["user_id"]] = now
            else:
                assert shown.pop(said.d["user_id"])
        assert all(now - at < TYPES_FOR_MS for at in shown.values())
        assert act == "type" or user not in shown
    now += TYPES_FOR_MS
    assert {said.d["user_id"] for _, said in typists.expire(now)} == shown.keys()
    assert not typists._until
    assert not typists._sent


async def chat(gateway: Running, second: Running, own: str) -> tuple[str, str, str]:
    """One that both gateways know, and tokens of its guest and of one of the staff."""
    for topic, _, record, _ in [*loads.settings(own), *loads.chats(own, 1)]:
        await send(gateway.producer, gateway.settings, topic, own, record)
    thread = loads.chat_id(own, 0)
    await until(lambda: all(thread in here.live.model.of(own).threads for here in (gateway, second)))
    ben = token("staff", own, sub="ben", departments=[loads.DEPARTMENT])
    gus = token("guest", own, sub="guest-0", room="101")
    return thread, gus, ben


async def test_every_gateway_ends_it_with_the_message(gateway: Running, second: Running) -> None:
    own = "types" + new_id()[-6:]
    thread, gus, ben = await chat(gateway, second, own)
    channels = {f"thread:{thread}": None}

    async def words(one: Client) -> list[str]:
        found = list[str]()
        while "new_message" not in found:
            frame = await one.hear("ev")
            if frame["type"] in ("typing", "new_message"):
                found.append(f"typing:{frame['d']['on']}" if frame["type"] == "typing" else "new_message")
        return found

    async with client(gateway, gus, resume=channels) as one, client(second, ben, resume=channels) as other:
        for each in (one, other):
            await each.hear("subbed")
        d = {"thread_id": thread}
        await one.say("pub", id=new_id(), cmd="chat.typing", d=d)
        await one.hear("ack")
        await one.say("pub", id=new_id(), cmd="chat.send", d=d | {"text": "Hello"})
        found = await words(other)
        if found == ["new_message"]:  # word of the typing came late, and is nothing
            return
        assert found == ["typing:True", "new_message"]
        while (frame := await other.hear("ev"))["type"] != "typing":
            pass
        assert frame["d"]["on"] is False


async def test_every_gateway_ends_it_with_the_chat_and_word_that_comes_later_is_nothing(
    gateway: Running, second: Running
) -> None:
    own = "shuts" + new_id()[-6:]
    thread, gus, ben = await chat(gateway, second, own)
    channels, d = {f"thread:{thread}": None}, {"thread_id": thread}

    async def typed(one: Client) -> bool:
        while (frame := await one.hear("ev"))["type"] != "typing":
            pass
        return bool(frame["d"]["on"])

    async with client(gateway, gus, resume=channels) as one, client(second, ben, resume=channels) as other:
        for each in (one, other):
            await each.hear("subbed")
        await one.say("pub", id=new_id(), cmd="chat.typing", d=d)
        await one.hear("ack")
        assert await typed(other)
        began = time.monotonic()
        await other.say("pub", id=new_id(), cmd="chat.close", d=d)
        assert not await typed(other)
        assert time.monotonic() - began < TYPES_FOR_MS / 2_000, "it ended by itself"
        await until(lambda: gateway.live.model.of(own).threads[thread].closed)
        await one.say("pub", id=new_id(), cmd="chat.typing", d=d)
        assert (await one.hear("ack", "nack"))["code"] == "closed"
        late = Signal(
            property_id=own,
            gateway_id="g",
            at=gateway.live.clock(),
            typing=Typing(**d, user_id="guest-0", on=True),
        )
        gateway.live.tail._signal(late)
        assert not gateway.live.tail._typists._until
