"""The client's core against a small gateway that loses, repeats and refuses: everything once, in order."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.client.core import Core
from gateway.client.effects import Connect, Effect, End, Event, Hangup, Say, Settled, Tell
from gateway.client.outbox import Outbox

CHANNELS = ("staff:h", "ops:h", "user:u")


class Gateway:
    """A log of events and commands; a cursor is a place in it. One connection at a time."""

    def __init__(self) -> None:
        self.log: list[tuple[str, frozenset[str]]] = []
        self.commands: list[str] = []
        self.forgets = False
        self.busy = False
        self.reset()

    def reset(self) -> None:
        """The connection is gone."""
        self.heard: set[str] = set()
        self.out: list[dict[str, Any]] = []
        self.sent = 0

    def says(self, channels: frozenset[str]) -> None:
        self.log.append((f"e{len(self.log)}", channels))
        for name in sorted(channels & self.heard):
            self._ev(name, len(self.log) - 1)

    def _ev(self, name: str, place: int) -> None:
        self.sent += 1
        own, cur = self.log[place][0], str(place + 1)
        self.out.append({"t": "ev", "type": "x", "ch": name, "id": own, "at": 1, "cur": cur, "d": {}})

    def beat(self) -> None:
        self.out.append({"t": "beat", "count": self.sent, "cur": str(len(self.log))})

    def hears(self, frame: dict[str, Any]) -> None:
        match frame["t"]:
            case "hello":
                self.out.append({"t": "welcome", "v": 1, "heartbeat": 15_000})
                for name, cur in frame["resume"].items():
                    self._sub(name, cur)
            case "sub":
                self._sub(frame["ch"], frame["cur"], {"n": frame["n"]})
            case "unsub":
                self.heard.discard(frame["ch"])
            case "pub":
                self._pub(frame["id"])

    def _sub(self, name: str, cur: str | None, number: dict[str, int] | None = None) -> None:
        if self.busy:
            self.out.append(
                {"t": "nack", "id": name, "code": "rate_limited", "message": "", "retry_after": 1}
            )
            return
        self.heard.add(name)
        subbed = {"t": "subbed", "ch": name}
        if cur is None or self.forgets:
            whole = {"cur": str(len(self.log)), "snapshot": {"upto": len(self.log)}}
            self.out.append(subbed | whole | (number or {}))
            return
        self.out.append(subbed | {"cur": cur, "recovered": True} | (number or {}))
        for place in range(int(cur), len(self.log)):
            if name in self.log[place][1]:
                self._ev(name, place)
        # Who had missed something is told who is there now, at the place the hotel is at.
        self.out.append(subbed | {"cur": str(len(self.log)), "recovered": True, "online": []})

    def _pub(self, own: str) -> None:
        if self.busy:
            again = {"code": "log_unavailable", "message": "", "retry_after": 2}
            self.out.append({"t": "nack", "id": own} | again)
            return
        if own not in self.commands:
            self.commands.append(own)
        self.out.append({"t": "ack", "id": own, "cur": "x"})


class Machine(RuleBasedStateMachine):
    """Whatever happens in between: every event once and in order, every command once and in order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.gateway = Gateway()
        self.core = Core(Outbox("d"), "token", random.Random(1).random)
        self.connected = False
        self.told: list[Event] = []
        self.since: dict[str, int] = {}
        self.sent: list[str] = []
        self.settled: Counter[str] = Counter()
        self.perform(self.core.tick(self.now))

    def perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Say(text) if self.connected:
                    self.gateway.hears(json.loads(text))
                case Tell(event):
                    self.told.append(event)
                case Settled(about, refusal):
                    assert refusal is None
                    self.settled.update({about} & set(self.sent))
                case Hangup():
                    self.drop(1000)
                case Connect():
                    self.connected = True
                    self.perform(self.core.opened(self.now))
                case End():
                    raise AssertionError("nothing here ends a client")

    def drop(self, code: int | None) -> None:
        self.connected = False
        self.gateway.reset()
        self.perform(self.core.lost(code, self.now))

    def deliver(self) -> None:
        self.perform(self.core.received(json.dumps(self.gateway.out.pop(0)), self.now))

    @rule(channels=st.sets(st.sampled_from(CHANNELS), min_size=1))
    def something_happens(self, channels: set[str]) -> None:
        self.gateway.says(frozenset(channels))

    @rule(name=st.sampled_from(CHANNELS))
    def subscribe(self, name: str) -> None:
        self.perform(self.core.sub(name))

    @rule()
    def send(self) -> None:
        own = f"c{len(self.sent)}"
        self.sent.append(own)
        _, effects = self.core.send("services.accept", {}, own, self.now)
        self.perform(effects)

    @precondition(lambda self: self.gateway.out)
    @rule(count=st.integers(1, 5))
    def frames_arrive(self, count: int) -> None:
        for _ in range(min(count, len(self.gateway.out))):
            if self.gateway.out:
                self.deliver()

    @precondition(lambda self: self.connected)
    @rule(code=st.sampled_from([None, 1001, 1006, 4000, 4008, 4029]))
    def the_line_breaks(self, code: int | None) -> None:
        self.drop(code)

    @precondition(lambda self: self.connected and any(one["t"] == "ev" for one in self.gateway.out))
    @rule()
    def the_last_event_is_lost(self) -> None:
        place = max(n for n, one in enumerate(self.gateway.out) if one["t"] == "ev")
        del self.gateway.out[place:]
        self.gateway.beat()

    @precondition(lambda self: self.connected)
    @rule()
    def a_beat(self) -> None:
        self.gateway.beat()

    @precondition(lambda self: self.connected)
    @rule()
    def the_gateway_drains(self) -> None:
        self.gateway.out.append({"t": "drain", "after": 0, "jitter": 2000})

    @rule(busy=st.booleans(), forgets=st.booleans())
    def the_gateway_is(self, busy: bool, forgets: bool) -> None:
        self.gateway.busy, self.gateway.forgets = busy, forgets

    @rule()
    def no_room(self) -> None:
        self.perform(self.core.pause())

    @precondition(lambda self: self.core.paused)
    @rule()
    def room_again(self) -> None:
        self.perform(self.core.go_on())

    @rule(seconds=st.floats(0.01, 40))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.perform(self.core.tick(self.now))

    @invariant()
    def each_event_once_in_the_order_of_its_channel(self) -> None:
        events = [one for one in self.told if one.type != "snapshot"]
        assert len({one.id for one in events}) == len(events)
        for name in CHANNELS:
            places = [int(one.id[1:]) for one in events if one.ch == name]
            assert places == sorted(places)

    @invariant()
    def commands_in_order_and_once(self) -> None:
        assert self.gateway.commands == self.sent[: len(self.gateway.commands)]
        assert all(count == 1 for count in self.settled.values())

    def teardown(self) -> None:
        self.gateway.busy = self.gateway.forgets = False
        self.perform(self.core.go_on())
        for _ in range(200):
            while self.gateway.out:
                self.deliver()
            self.now += 1.0
            self.perform(self.core.tick(self.now))
            if self.connected:
                self.gateway.beat()
        assert self.gateway.commands == self.sent == list(self.settled)
        known = {one.id for one in self.told}
        for name in self.core._channels:
            shown = [one for one in self.told if one.ch == name and one.type == "snapshot"]
            assert shown
            covered = max(one.d["upto"] for one in shown)
            missing = [own for own, on in self.gateway.log[covered:] if name in on and own not in known]
            assert not missing


Machine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestMachine = Machine.TestCase
