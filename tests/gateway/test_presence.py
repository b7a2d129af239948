"""Presence: changes at once and all every 30 s, no flicker on a reconnect, a silent gateway is forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway import lifespan
from gateway import presence as presences
from gateway.claims import Claims
from gateway.presence import FORGET_AFTER_MS, GRACE_MS, SAY_EVERY_MS, Presence
from infra.runtime.ports import free_row
from schemas.ids import new_id
from schemas.records.base import Role
from tests.gateway.support import Client, Running, client, process, silent_kafka, token
from tests.patience import patience


def person(user_id: str = "g", role: Role = "guest") -> Claims:
    return Claims(user_id, role, "h", "G", "101", None, (), 0, 1_000_000, "t")


GUEST = person()


def states(presence: Presence, now: int) -> list[str]:
    told = [said for signal in presence.due(now) for said in presence.heard(signal, now)]
    return [f"{one.type}:{one.d['state']}" for one in told]


def test_a_reconnect_within_the_grace_is_no_leave() -> None:
    presence = Presence("one")
    presence.opened(GUEST)
    assert states(presence, 0) == ["guest_online:connected"]
    presence.closed(GUEST, 1_000)
    presence.opened(GUEST)
    assert states(presence, 40_000) == []
    presence.closed(GUEST, 41_000)
    assert states(presence, 45_999) == []
    assert states(presence, 46_000) == ["guest_online:offline"]


def test_who_looks_at_one_device_is_not_away() -> None:
    presence = Presence("one")
    presence.opened(GUEST)
    presence.opened(GUEST)
    assert states(presence, 0) == ["guest_online:connected"]
    presence.looked(GUEST, away=True)
    assert states(presence, 1) == [], "the other one is looked at"
    presence.looked(GUEST, away=True)
    assert states(presence, 2) == ["guest_online:away"]
    presence.looked(GUEST, away=False)
    assert states(presence, 3) == ["guest_online:connected"]
    presence.closed(GUEST, 4, away=False)
    assert states(presence, 5) == ["guest_online:away"], "what is left is not looked at"
    presence.opened(GUEST)
    assert states(presence, 6) == ["guest_online:connected"]


def test_a_change_costs_what_it_is_about() -> None:
    presence = Presence("one")
    for number in range(1_000):
        presence.opened(person(f"guest-{number}"))
    (whole,) = presence.due(SAY_EVERY_MS)
    assert whole.presence is not None
    assert len(whole.presence.people) == 1_000
    presence.opened(GUEST)
    presence.closed(person("guest-7"), SAY_EVERY_MS)
    (change,) = presence.due(SAY_EVERY_MS + GRACE_MS)
    assert change.presence is None
    assert change.change is not None
    assert [one.user_id for one in change.change.people] == ["g"]
    assert change.change.gone == ["guest-7"]
    assert presence.due(SAY_EVERY_MS + GRACE_MS + 1) == []
    (again,) = presence.due(2 * SAY_EVERY_MS)
    assert again.presence is not None
    assert len(again.presence.people) == 1_000


def test_a_silent_gateway_is_forgotten_once() -> None:
    presence = Presence("one")
    presence.opened(GUEST)
    states(presence, 0)
    assert presence.expire(45_000) == []
    assert [(hotel, one.d["state"]) for hotel, one in presence.expire(45_001)] == [("h", "offline")]
    assert presence.expire(99_000) == []
    assert presence.online("h") == []


def test_two_gateways_say_one_person_once_and_the_last_of_both_is_the_leave() -> None:
    one, other = Presence("one"), Presence("other")
    one.opened(GUEST)
    other.opened(GUEST)
    (here,) = one.due(0)
    (there,) = other.due(0)
    assert [said.d["state"] for said in one.heard(here, 0)] == ["connected"]
    assert one.heard(there, 0) == [], "known already"
    assert one.online("h") == [{"user_id": "g", "role": "guest", "state": "connected"}]
    one.closed(GUEST, 0)
    (here,) = one.due(presences.GRACE_MS)
    assert one.heard(here, 6_000) == [], "still at the other"
    other.looked(GUEST, away=True)
    (there,) = other.due(1)
    assert [said.d["state"] for said in one.heard(there, 6_000)] == ["away"]


def test_another_role_by_a_new_token_is_told_and_every_leave_comes() -> None:
    presence, before, after = Presence("one"), person("p", "staff"), person("p", "manager")
    presence.opened(before)
    assert states(presence, 0) == ["staff_online:connected"]
    presence.looked(before, away=True)
    assert states(presence, 1) == ["staff_online:away"]
    presence.renewed(before, after, 2, away=True)
    assert states(presence, 3) == ["staff_online:away"], "as a manager"
    assert presence.online("h") == [{"user_id": "p", "role": "manager", "state": "away"}]
    presence.renewed(after, after, 4, away=True)
    assert states(presence, 5) == [], "most new tokens say the same"
    presence.closed(after, 6, away=True)
    assert states(presence, 6 + GRACE_MS) == ["staff_online:offline"]


def test_a_token_that_is_nobodys_takes_nobody_away() -> None:
    presence, part, one = Presence("one"), person("p", "system"), person("p", "staff")
    presence.opened(one)
    presence.opened(part)
    presence.closed(part, 0)
    assert states(presence, GRACE_MS) == ["staff_online:connected"]
    presence.opened(part)
    presence.renewed(part, one, GRACE_MS, away=False)
    presence.closed(one, GRACE_MS)
    presence.closed(one, GRACE_MS)
    assert states(presence, 2 * GRACE_MS) == ["staff_online:offline"]


def test_what_could_not_be_said_is_said_again_in_whole() -> None:
    presence = Presence("one")
    presence.opened(GUEST)
    assert len(presence.due(SAY_EVERY_MS)) == 1
    presence.closed(GUEST, SAY_EVERY_MS)
    presence.opened(person("later"))
    assert len(presence.due(SAY_EVERY_MS + GRACE_MS)) == 1
    assert presence.due(SAY_EVERY_MS + GRACE_MS + 500) == []
    presence.unsaid("h")
    (again,) = presence.due(SAY_EVERY_MS + GRACE_MS + 1_000)
    assert again.presence is not None
    assert [one.user_id for one in again.presence.people] == ["later"]


@pytest.mark.parametrize("why", ["Kafka is away", "it stood still"])
async def test_while_nothing_is_heard_nobody_is_taken_for_gone(
    gateway: Running, second: Running, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    own = "deaf" + new_id()[-6:]
    async with (
        client(gateway, token("staff", own)),
        client(second, token("guest", own, room="101")),
    ):
        async with patience():
            while len(gateway.live.presence.online(own)) < 2:
                await asyncio.sleep(0.02)
        if why == "Kafka is away":
            silent_kafka(gateway, monkeypatch, 1)
        else:
            monkeypatch.setattr(lifespan, "STOOD_STILL_MS", -1)
        monkeypatch.setattr(presences, "FORGET_AFTER_MS", 200)
        house, since = gateway.live.presence._houses[own], gateway.live.clock()
        async with patience():
            while gateway.live.presence.online(own) and min(house.heard_at.values()) < since + 1_000:
                await asyncio.sleep(0.02)
        assert {one["user_id"] for one in gateway.live.presence.online(own)} == {"staff-1", "guest-1"}
        monkeypatch.undo()


def test_who_belongs_to_no_hotel_is_nowhere_online() -> None:
    presence = Presence("one")
    presence.opened(Claims("a", "admin", "*", "A", None, None, (), 0, 1, "t"))
    presence.opened(person("s", "system"))
    assert presence.due(0) == []


class House(RuleBasedStateMachine):
    """Three gateways whose people come, go and look away, and one of which may die; all hear all."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000
        self.gateways = {name: Presence(name) for name in ("a", "b", "c")}
        # Each socket: where, whose, whether it is away.
        self.sockets: list[tuple[str, str, bool]] = []
        self.gone_at: dict[str, int] = {}
        self.told: dict[str, dict[str, str]] = defaultdict(dict)

    @rule(where=st.sampled_from("abc"), who=st.sampled_from("xyz"))
    def come(self, where: str, who: str) -> None:
        if where in self.gateways:
            self.gateways[where].opened(person(who))
            self.sockets.append((where, who, False))

    @rule(pick=st.integers(0, 50))
    def go(self, pick: int) -> None:
        if self.sockets:
            where, who, away = self.sockets.pop(pick % len(self.sockets))
            self.gateways[where].closed(person(who), self.now, away)
            self.gone_at[who] = self.now

    @rule(pick=st.integers(0, 50))
    def look(self, pick: int) -> None:
        if self.sockets:
            where, who, away = self.sockets[pick % len(self.sockets)]
            self.sockets[pick % len(self.sockets)] = where, who, not away
            self.gateways[where].looked(person(who), not away)

    @rule(where=st.sampled_from("bc"))
    def die(self, where: str) -> None:
        """With -9, and another one starts in its place."""
        self.gateways.pop(where, None)
        for one in [one for one in self.sockets if one[0] == where]:
            self.sockets.remove(one)
            self.gone_at[one[1]] = self.now
        self.told.pop(where, None)
        self.gateways[f"{where}{self.now}"] = Presence(f"{where}{self.now}")

    @rule(seconds=st.sampled_from([0.5, 0.5, 4, 20]))
    def wait(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.turn()

    def turn(self) -> None:
        self.now += 500
        for name, one in self.gateways.items():
            for _, said in one.expire(self.now):
                self.hear(name, said.d)
        for signal in [signal for one in self.gateways.values() for signal in one.due(self.now)]:
            for name, one in self.gateways.items():
                for said in one.heard(signal, self.now):
                    self.hear(name, said.d)

    def hear(self, name: str, d: dict[str, Any]) -> None:
        assert self.told[name].get(d["user_id"], "offline") != d["state"], "said once"
        self.told[name][d["user_id"]] = d["state"]
        if d["state"] == "offline":
            who = d["user_id"]
            assert who not in {one[1] for one in self.sockets}, "a false leave"
            assert self.now - self.gone_at[who] >= GRACE_MS

    @invariant()
    def what_was_told_is_what_a_snapshot_says(self) -> None:
        for name, one in self.gateways.items():
            now = {found["user_id"]: found["state"] for found in one.online("h")}
            assert {who: state for who, state in self.told[name].items() if state != "offline"} == now

    def teardown(self) -> None:
        for _ in range((FORGET_AFTER_MS + SAY_EVERY_MS) // 500 + 2):
            self.turn()
        looks: dict[str, list[bool]] = defaultdict(list)
        for _, who, away in self.sockets:
            looks[who].append(away)
        wanted = {who: "away" if all(found) else "connected" for who, found in looks.items()}
        for one in self.gateways.values():
            assert {found["user_id"]: found["state"] for found in one.online("h")} == wanted


House.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_all_know_who_is_there = House.TestCase


async def test_a_thousand_reconnects_are_no_leave(
    gateway: Running, second: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presences, "GRACE_MS", 3_000)
    own, people = "thou" + new_id()[-6:], [f"guest-{number}" for number in range(50)]
    told: Counter[tuple[str, str]] = Counter()

    async def come(who: str, turn: int) -> AsyncExitStack:
        stack, where = AsyncExitStack(), (gateway, second)[turn % 2]
        one = await stack.enter_async_context(client(where, token("guest", own, sub=who, room="101")))
        await one.hear("welcome")
        return stack

    async def back_and_forth(who: str) -> AsyncExitStack:
        here = await come(who, 0)
        for turn in range(20):
            await here.aclose()
            here = await come(who, turn)
        return here

    async with client(gateway, token("staff", own), resume={f"staff:{own}": None}) as staff:
        await staff.hear("subbed")
        async with patience():
            here = await asyncio.gather(*[back_and_forth(who) for who in people])
        await here[0].aclose()
        # Whoever else had left would be told by then.
        await _hear(staff, told, lambda: told["guest-0", "offline"] >= 1)
        assert {who for who, state in told if state == "offline"} == {"guest-0"}
        assert set(told.values()) == {1}, "each came once, and one left once"
        for stack in here[1:]:
            await stack.aclose()


async def test_who_was_at_a_gateway_that_died_leaves_once(
    gateway: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, people = "dead" + new_id()[-6:], [f"guest-{number}" for number in range(20)]
    told: Counter[tuple[str, str]] = Counter()
    there = replace(gateway, port=free_row())
    async with (
        client(gateway, token("staff", own), resume={f"staff:{own}": None}) as staff,
        process(gateway, tmp_path, there.port) as other,
        AsyncExitStack() as stack,
    ):
        await staff.hear("subbed")
        for who in people:
            await stack.enter_async_context(client(there, token("guest", own, sub=who, room="101")))
        await _hear(staff, told, lambda: told[people[-1], "connected"] == 1)
        other.kill()
        monkeypatch.setattr(presences, "SAY_EVERY_MS", 100)
        monkeypatch.setattr(presences, "FORGET_AFTER_MS", 2_000)
        await _hear(staff, told, lambda: sum(state == "offline" for _, state in told) == len(people))
        async with client(gateway, token("guest", own, sub="later", room="101")):
            await _hear(staff, told, lambda: told["later", "connected"] == 1)
    once = [(who, state) for who in people for state in ("connected", "offline")]
    assert told == Counter([*once, ("later", "connected")])


async def _hear(staff: Client, told: Counter[tuple[str, str]], enough: Callable[[], bool]) -> None:
    while not enough():
        frame = await staff.hear("ev")
        if frame["type"] == "guest_online":
            told[frame["d"]["user_id"], frame["d"]["state"]] += 1


async def until(one: Client, state: str) -> dict[str, Any]:
    """The next word that the guest is so."""
    while (frame := await one.hear("ev"))["type"] != "guest_online" or frame["d"]["state"] != state:
        pass
    return frame


async def test_staff_at_any_gateway_see_a_guest_come_look_away_and_leave(
    gateway: Running, second: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presences, "GRACE_MS", 100)
    own = "here" + new_id()[-6:]
    staff = f"staff:{own}"
    async with (
        client(gateway, token("staff", own), resume={staff: None}) as near,
        client(second, token("staff", own, sub="far"), resume={staff: None}) as far,
    ):
        await near.hear("subbed")
        cursor = (await far.hear("subbed"))["cur"]
        async with client(gateway, token("guest", own, room="101")) as guest:
            for one in (near, far):
                frame = await until(one, "connected")
                assert (frame["d"]["user_id"], frame["ch"], "cur" in frame) == ("guest-1", staff, False)
            await guest.say("ping", away=True)
            await until(near, "away")
            async with client(second, token("guest", own, room="101")):
                await until(near, "connected")
                await until(far, "connected")
            async with client(second, token("staff", own, sub="back"), resume={staff: cursor}) as back:
                assert (await back.hear("subbed"))["cur"] == cursor
                found = (await back.hear("subbed"))["online"]
                online = {one["user_id"]: one["role"] for one in found}
                assert online["guest-1"] == "guest"
        for one in (near, far):
            await until(one, "offline")
        head = {"Authorization": "Bearer " + token("guest", own, room="101")}
        async with (
            second.web(headers=head) as web,
            web.stream("GET", "/api/websocket/events", params={"ch": f"room:{own}:101"}),
        ):
            await until(near, "connected")
        await until(near, "offline")
