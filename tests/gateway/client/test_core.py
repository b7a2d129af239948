"""The client's core against a small gateway that loses, repeats and refuses, and single turns of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.client.core import Core
from gateway.client.effects import Connect, Effect, End, Ended, Event, Hangup, Renew, Say, Settled, Tell
from gateway.client.outbox import Outbox
from gateway.errors import Refused

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


def frame(kind: str, **fields: Any) -> str:
    return json.dumps({"t": kind, **fields})


def live(token: str | None = "t", now: float = 0.0) -> Core:
    """A core that was welcomed."""
    core = Core(Outbox("d"), token, lambda: 0.5)
    effects = core.tick(now)
    if token is None:
        assert effects == [Renew()]
        effects = core.signed("fresh", now)
    assert effects == [Connect()]
    core.opened(now)
    core.received(frame("welcome", v=1, heartbeat=15_000), now)
    assert core.phase == "live"
    return core


@pytest.mark.parametrize("code", [4400, 4401, 4403, 4409, 4413, 4101])
def test_these_closes_are_for_good(code: int) -> None:
    core = live()
    effects = core.lost(code, 1.0)
    assert [type(one) for one in effects] == [Hangup, End]
    assert core.wake_at() is None
    assert core.lost(code, 2.0) == core.tick(100.0) == []


@pytest.mark.parametrize(
    ("code", "first"), [(code, 0.05) for code in (None, 1001, 1006, 1012, 4000, 4008)] + [(4029, 1.2)]
)
def test_after_these_it_comes_back_later_and_later(code: int | None, first: float) -> None:
    core, now, waits = live(), 0.0, []
    for _ in range(12):
        assert core.lost(code, now) == []
        at = core.wake_at()
        assert at is not None
        waits.append(round(at - now, 6))
        now = at
        assert core.tick(now) == [Connect()]
    assert waits == sorted(waits)
    assert waits[0] == first
    assert 10 <= waits[-1] <= 20


def test_an_expired_token_is_renewed_where_it_can_be() -> None:
    core = live(token=None)
    assert core.received(frame("auth_expiring", token_expires=1), 1.0) == [Renew()]
    (said,) = core.signed("newer", 2.0)
    assert isinstance(said, Say)
    assert json.loads(said.text) == {"t": "auth", "token": "newer"}
    assert core.lost(4101, 3.0) == []
    assert core.tick(10.0) == [Renew()]
    assert core.unsigned(10.0) == []
    assert core.tick(60.0) == [Renew()]
    assert core.signed("newest", 61.0) == [Connect()]


def test_a_silent_gateway_is_left() -> None:
    core = live()
    assert core.received(frame("beat", count=0), 20.0) == []
    assert core.tick(57.0) == []
    assert core.tick(58.0) == [Hangup()]
    assert core.received(frame("beat", count=0), 58.1) == []


def test_what_is_heard_is_current_while_beats_come_and_kafka_answers() -> None:
    core = live()
    assert core.current(0.0)
    core.sub("ops:h")
    assert not core.current(0.0), "not heard yet"
    core.received(frame("subbed", ch="ops:h", cur="c1", snapshot={}), 1.0)
    assert core.current(23.5)
    assert not core.current(23.6), "a beat and a half is overdue"
    core.received(frame("beat", count=0), 24.0)
    assert core.current(24.0)
    core.received(frame("stale", since=5), 25.0)
    assert (core.current(25.0), core.stale_since) == (False, 5)
    core.received(frame("stale", since=None), 26.0)
    assert (core.current(26.0), core.stale_since) == (True, None)
    core.lost(1006, 28.0)
    assert not core.current(28.0)


def test_the_late_word_of_a_sub_that_was_taken_back_is_not_the_answer_to_the_next() -> None:
    core = live()
    core.sub("ops:h", "c1")
    core.received(frame("subbed", n=1, ch="ops:h", cur="c1", recovered=True), 0.0)
    core.pause()
    core.go_on()  # on its way: what the first sub still brings, and where the hotel was then
    late = frame("subbed", ch="ops:h", cur="c9", recovered=True, online=[])
    assert core.received(late, 0.0) == []
    live_event = frame("ev", type="x", ch="ops:h", id="e10", at=1, cur="c10", d={})
    assert core.received(live_event, 0.0) == []
    core.received(frame("subbed", n=2, ch="ops:h", cur="c1", recovered=True), 0.0)
    missed = core.received(frame("ev", type="x", ch="ops:h", id="e2", at=1, cur="c2", d={}), 0.0)
    assert [one.event.id for one in missed if isinstance(one, Tell)] == ["e2"]


def test_the_answer_to_a_sub_taken_back_is_not_the_one_to_the_next_which_is_put_off() -> None:
    core = live()
    core.sub("ops:h")
    core.pause()  # something is said of the channel now, and a beat tells how far the hotel is
    core.go_on()
    core.received(frame("subbed", n=1, ch="ops:h", cur="0", snapshot={}), 0.0)
    core.received(frame("beat", count=0, cur="1"), 0.0)
    core.received(frame("nack", id="ops:h", code="rate_limited", message="", retry_after=1), 0.0)
    (again,) = core.tick(2.0)
    assert isinstance(again, Say)
    assert json.loads(again.text) == {"t": "sub", "ch": "ops:h", "cur": None, "n": 3}


def test_watchdogs_words_that_were_missed_are_told_once() -> None:
    core = live()
    core.sub("ops:h", "c1")
    core.received(frame("subbed", n=1, ch="ops:h", cur="c1", recovered=True), 0.0)
    word = {"event_id": "w1", "at": 5, "sentence": "The sink died."}
    core.received(frame("ev", type="system_alert", ch="ops:h", id="w1", at=5, d=word), 0.0)
    missed = word | {"event_id": "w2"}
    behind = frame("subbed", ch="ops:h", cur="c3", recovered=True, online=[], system_alerts=[word, missed])
    told = [one.event for one in core.received(behind, 0.0) if isinstance(one, Tell)]
    assert [(one.type, one.id, one.at) for one in told] == [("system_alert", "w2", 5)]


def test_an_older_event_of_a_request_is_marked_stale() -> None:
    core = live()
    core.sub("ops:h")
    snapshot = {"requests": [{"request_id": "r", "version": 7}], "occupancy": None}
    core.received(frame("subbed", n=1, ch="ops:h", cur="1", snapshot=snapshot), 0.0)
    found = []
    for number, version in enumerate((5, 7, 9, 8)):
        d = {"request": {"request_id": "r"}, "version": version}
        text = frame("ev", type="service_request_updated", ch="ops:h", id=str(number), at=1, cur="2", d=d)
        (told,) = core.received(text, 0.0)
        assert isinstance(told, Tell)
        found.append(told.event.stale)
    assert found == [True, False, False, True]


def test_one_event_on_two_channels_is_told_once_and_two_types_of_one_fact_twice() -> None:
    core = live()
    for number, name in enumerate(("a", "b"), start=1):
        core.sub(name)
        core.received(frame("subbed", n=number, ch=name, cur="0", recovered=True), 0.0)

    def told(kind: str, name: str) -> int:
        text = frame("ev", type=kind, ch=name, id="f", at=1, cur="1", d={})
        return len(core.received(text, 0.0))

    assert [told("x", "a"), told("x", "b"), told("y", "b"), told("y", "a")] == [1, 0, 1, 0]


def test_a_channel_that_is_refused_at_first_or_later() -> None:
    core = live()
    core.sub("ops:h")
    (no,) = core.received(frame("nack", id="ops:h", code="forbidden", message="no"), 0.0)
    assert isinstance(no, Settled)
    assert isinstance(no.refusal, Refused)
    core.sub("staff:h")
    core.received(frame("subbed", n=2, ch="staff:h", cur="0", snapshot={}), 0.0)
    (gone,) = core.received(frame("nack", id="staff:h", code="forbidden", message="no more"), 0.0)
    assert isinstance(gone, Tell)
    assert (gone.event.type, gone.event.ch) == ("refused", "staff:h")


def test_another_version_of_the_protocol_is_not_spoken() -> None:
    core = Core(Outbox("d"), "t", lambda: 0.0)
    core.tick(0.0)
    core.opened(0.0)
    effects = core.received(frame("welcome", v=2, heartbeat=1), 0.0)
    assert isinstance(effects[-1], End)
    assert effects[-1].why.code == "version"
    assert isinstance(effects[-1].why, Ended)


def test_what_no_gateway_would_take_is_refused_at_once() -> None:
    with pytest.raises(Refused, match="at most"):
        live().send("chat.send", {"text": "x" * 70_000}, None, 0.0)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"t":"song"}', '{"t":"ev"}', "\ud800", "[" * 100_000])
def test_what_says_nothing_to_it_is_passed_over(text: str) -> None:
    assert live().received(text, 0.0) == []
