"""Single turns of the client's core; test_core_machine.py has all of them in any order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.client.core import Core
from gateway.client.effects import Connect, End, Ended, Hangup, Renew, Say, Settled, Tell
from gateway.client.outbox import Outbox
from gateway.errors import Refused


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
    core.received(frame("subbed", n=1, ch="ops:h", cur="c1", snapshot={}), 1.0)
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


def test_what_this_gateway_would_not_take_is_refused_and_what_is_behind_it_goes_out() -> None:
    core = Core(Outbox("d"), "t", lambda: 0.5)
    core.tick(0.0)
    for own, chars in (("large", 3_000), ("larger", 4_000), ("fits", 1_000)):
        assert core.send("rooms.block", {"reason": "ä" * chars}, own, 0.0) == (own, [])
    core.opened(0.0)
    limits = {"frame_bytes": 4_000, "channels": 2}
    found = core.received(frame("welcome", v=1, heartbeat=15_000, limits=limits), 0.0)
    assert [one.about for one in found if isinstance(one, Settled)] == ["large", "larger"]
    refusals = [one.refusal for one in found if isinstance(one, Settled)]
    assert all(no is not None and (no.status, no.code) == (413, "too_large") for no in refusals)
    (said,) = [one.text for one in found if isinstance(one, Say)]
    assert json.loads(said)["id"] == "fits"
    assert core.send("rooms.block", {"reason": "x"}, "next", 0.0)[1] == [], "one is under way at a time"


def test_it_resumes_as_many_as_the_gateway_takes_and_asks_for_the_others() -> None:
    core = live()
    core.received(frame("welcome", v=1, heartbeat=15_000, limits={"frame_bytes": 9_000, "channels": 2}), 0.0)
    for name in ("a", "b", "c"):
        core.sub(name)
    core.lost(None, 1.0)
    core.tick(2.0)
    (hello,) = [json.loads(one.text) for one in core.opened(2.0) if isinstance(one, Say)]
    assert list(hello["resume"]) == ["a", "b"]
    found = core.received(frame("welcome", v=1, heartbeat=15_000), 2.0)
    assert [json.loads(one.text)["ch"] for one in found if isinstance(one, Say)] == ["c"]
    no = frame("nack", id="c", code="too_many_channels", message="At most 2")
    (settled,) = core.received(no, 2.0)
    assert isinstance(settled, Settled)
    assert settled.refusal is not None
    assert settled.refusal.code == "too_many_channels"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"t":"song"}', '{"t":"ev"}', "\ud800", "[" * 100_000])
def test_what_says_nothing_to_it_is_passed_over(text: str) -> None:
    assert live().received(text, 0.0) == []
