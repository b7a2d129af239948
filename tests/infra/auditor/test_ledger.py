"""Whatever goes wrong on the way, the ledger finds what a whole comparison of both histories finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.auditor import ledger as module
from infra.auditor.ledger import GRACE_MS, SETTLE_MS, Found, Ledger, Said
from infra.bench.histories import History, judge

TOPICS = ("rooms", "services")
START = dict.fromkeys(TOPICS, 0)


def event(own: str, topic: str = "rooms", offset: int = 0, **more: Any) -> Said:
    return Said("x", own, topic, offset, more.pop("place", 0), more.pop("stamp", 0), **more)


@dataclass
class Story:
    """What the log says, what came, and in which order the auditor learns of both."""

    log: list[Said]
    heard: list[tuple[str, str, int]]
    turns: list[bool]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    log, ends = [], dict.fromkeys(TOPICS, 0)
    for number in range(draw(st.integers(0, 12))):
        topic = draw(st.sampled_from(TOPICS))
        ends[topic] += draw(st.integers(0, 1))  # two events of one record, or the next record
        log.append(event(f"e{number}", topic, ends[topic], place=number))
    heard = [(one.id, one.topic, one.offset) for one in log]
    for kind in draw(st.lists(st.sampled_from(["lost", "doubled", "swapped", "foreign"]), max_size=4)):
        place = draw(st.integers(0, len(heard)))
        match kind:
            case "lost":
                del heard[place : place + 1]
            case "doubled":
                heard[place:place] = heard[:1]
            case "swapped":
                heard[place : place + 2] = heard[place : place + 2][::-1]
            case "foreign":
                heard.insert(place, (f"f{len(heard)}", draw(st.sampled_from(TOPICS)), 5))
    return Story(log, heard, draw(st.lists(st.booleans(), min_size=40, max_size=40)))


def verdicts(story: Story) -> Counter[str]:
    """What a ledger makes of it, once all has come that will."""
    own, now = Ledger({}), 1
    found = own.joined(START)
    own.current(True, now)
    log, heard = list(story.log), list(story.heard)
    for log_first in story.turns:
        now += 1
        if log and (log_first or not heard):
            found += own.said(log.pop(0), now)
        elif heard:
            one, topic, offset = heard.pop(0)
            found += own.heard("x", one, topic, offset, now)
        found += own.look(now, 0)
    now += GRACE_MS
    assert not [one for one in own.look(now, 0) if one.verdict == "lost"], "nobody said that it was told"
    assert own.behind(now) == bool({one.id for one in story.log} - {one for one, *_ in story.heard})
    own.told(dict.fromkeys(TOPICS, 1000), now)
    found += own.look(now + SETTLE_MS, now + 10 * SETTLE_MS)
    return Counter(one.verdict for one in found)


@given(stories())
def test_it_finds_what_a_whole_comparison_finds(story: Story) -> None:
    wanted: Counter[str] = Counter()
    for topic in TOPICS:
        history = History(heard={topic: [own for own, on, _ in story.heard if on == topic]})
        verdict = judge({topic: [one.id for one in story.log if one.topic == topic]}, [history])
        wanted["heard"] += verdict.deliveries
        wanted["lost"] += verdict.lost
        wanted["doubled"] += verdict.doubled
        wanted["foreign"] += verdict.foreign
        wanted["reordered"] += verdict.reordered > 0
    found = verdicts(story)
    assert (found.pop("reordered", 0) > 0) == (wanted.pop("reordered", 0) > 0)
    assert +found == +wanted


def joined(floor: dict[str, int] | None = None, at: int = 0) -> Ledger:
    """A canary that hears the channel."""
    own = Ledger(floor or {})
    assert own.joined(START) == []
    own.current(True, at)
    return own


def test_latency_is_from_the_broker_to_the_canary_whoever_is_first() -> None:
    own = joined()
    own.said(event("a", stamp=1_000), 1_100)
    assert own.heard("x", "a", "rooms", 0, 1_250) == [Found("heard", "x", "a", ms=250)]
    assert own.heard("x", "b", "rooms", 1, 2_007) == []
    assert own.said(event("b", offset=1, stamp=2_000), 2_900) == [Found("heard", "x", "b", ms=7)]
    own.said(event("c", offset=2, stamp=5_000), 1)
    assert own.heard("x", "c", "rooms", 2, 4_000)[0].ms == 0, "two machines' clocks"


def test_a_delay_is_no_loss_and_who_was_away_is_given_time() -> None:
    own = joined()
    own.said(event("a"), 0)
    for now in range(GRACE_MS, 10 * GRACE_MS, GRACE_MS):
        own.told({"rooms": 0}, now)  # it has told what lies before it only
        assert own.behind(now)
        assert own.look(now, now) == []
    own.current(False, 10 * GRACE_MS)
    assert not own.behind(11 * GRACE_MS)
    own.current(True, 11 * GRACE_MS)
    own.told({"rooms": 9}, 11 * GRACE_MS + 1)
    assert own.look(12 * GRACE_MS - 1, 12 * GRACE_MS) == [], "it has only just come back"
    now = 12 * GRACE_MS
    own.told({"rooms": 9}, now)
    assert own.look(now + SETTLE_MS - 1, now) == []
    own.slept()
    own.current(True, now + 1)
    assert own.look(now + SETTLE_MS, now) == [], "the auditor stood still: what is on its way may come"
    now += GRACE_MS + 1
    own.told({"rooms": 9}, now)
    assert own.look(now + SETTLE_MS, now) == [Found("lost", "x", "a")]
    assert own.heard("x", "a", "rooms", 0, now + SETTLE_MS) == [Found("late", "x", "a")]
    assert own.heard("x", "a", "rooms", 0, now + SETTLE_MS) == [Found("doubled", "x", "a")]


def test_what_lies_before_its_time_is_nobodys_business() -> None:
    own = Ledger({"rooms": 7})
    for offset in range(10):
        own.said(event(f"e{offset}", offset=offset), 0)
    own.joined({"rooms": 5})
    own.current(True, 0)
    for offset in range(7):
        assert own.heard("x", f"e{offset}", "rooms", offset, 1) == []
    assert own.heard("x", "e7", "rooms", 7, 1) == [Found("heard", "x", "e7", ms=1)]
    own.told({"rooms": 10}, GRACE_MS)
    lost = own.look(GRACE_MS + SETTLE_MS, 0)
    assert [one.id for one in lost] == ["e8", "e9"]


def test_a_snapshot_instead_of_what_was_missed_is_a_reset() -> None:
    own = joined()
    own.said(event("a", offset=3), 0)
    own.said(event("b", offset=8), 0)
    assert own.joined({"rooms": 5}) == [Found("reset", "", ""), Found("unjudged", "x", "a")]
    assert own.heard("x", "b", "rooms", 8, 4)[0].verdict == "heard"


def test_what_may_come_need_not() -> None:
    own = joined()
    own.said(event("a", must=False), 0)
    own.said(event("b", must=False), 0)
    assert own.heard("x", "a", "rooms", 0, 1)[0].verdict == "heard"
    assert not own.behind(GRACE_MS)
    assert own.look(GRACE_MS, GRACE_MS) == []
    assert own.heard("x", "b", "rooms", 0, GRACE_MS) == []
    assert own.look(GRACE_MS, 3 * GRACE_MS) == [Found("foreign", "x", "b")], "it is remembered no more"


def test_foreign_is_said_only_once_the_log_is_read_up_to_then() -> None:
    own = joined()
    own.heard("x", "a", "rooms", 0, 1_000)
    assert own.look(10 * GRACE_MS, 1_000 + SETTLE_MS) == []
    assert own.look(10 * GRACE_MS, 1_001 + SETTLE_MS) == [Found("foreign", "x", "a")]


def test_memory_is_bounded_and_what_it_cannot_hold_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    monkeypatch.setattr(module, "MOST_DONE", 2)
    own = joined()
    found = [one for n in range(5) for one in own.said(event(f"e{n}", offset=n), 0)]
    assert [(one.verdict, one.id) for one in found] == [("unjudged", "e0"), ("unjudged", "e1")]
    assert own.heard("x", "e1", "rooms", 1, 0) == [], "nobody knows any more whether it is on the log"
    found = [one for n in range(9, 13) for one in own.heard("x", f"e{n}", "rooms", n, 0)]
    assert {one.verdict for one in found} == {"unjudged"}
    assert {one.id for one in found} == {"e2", "e3", "e4", "e9"}
    assert own.said(event("e9", offset=9), 0) == []
    for n in range(10, 13):
        own.said(event(f"e{n}", offset=n), 0)
    assert len(own._done) == 2
    assert own.look(10 * GRACE_MS, 10 * GRACE_MS) == []


def test_before_it_has_joined_it_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    own = Ledger({})
    for n in range(4):
        own.said(event(f"e{n}", offset=n), 0)
    assert own.joined({"rooms": 1}) == []
    assert own.heard("x", "e1", "rooms", 1, 0) == [], "forgotten before it joined"
    assert own.heard("x", "e2", "rooms", 2, 0)[0].verdict == "heard"
