"""What the canaries' ledgers find becomes figures; the auditor's own absence becomes nobody's fault."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.auditor.audit import ABSENT_MS, Audit, rota
from infra.auditor.ledger import GRACE_MS, SETTLE_MS, Said
from infra.auditor.slots import HOUR_MS
from schemas.records.slo import SloFindings, SloHour

BEGIN = 1_000_000_000_000
UP = {"a": True, "b": True}


def audit() -> Audit:
    """Two canaries at two gateways, on one channel."""
    own = Audit(BEGIN)
    for name in UP:
        own.enter(name, f"http://{name}")
        own.watch(name, "staff:h", {})
        own.joined(name, "staff:h", {"rooms": 0}, BEGIN)
    return own


def pass_time(own: Audit, since: int, seconds: int) -> int:
    """Looks once a second; the time then."""
    for n in range(1, seconds + 1):
        own.look(UP, since + n * 1000, since + n * 1000)
    return since + seconds * 1000


def findings(own: Audit, now: int) -> SloFindings:
    return own.report(1, 1, now).findings[0]


def test_one_canary_hears_and_the_other_does_not() -> None:
    own = audit()
    now = pass_time(own, BEGIN, 1)
    own.said("staff:h", Said("x", "e", "rooms", 0, 0, now - 20), now)
    own.said("ops:h", Said("x", "e", "rooms", 0, 0, now), now)
    own.heard("a", "staff:h", "x", "e", "rooms", 0, now)
    assert own.questions(now) == set()
    now = pass_time(own, now, GRACE_MS // 1000)
    assert own.questions(now) == {("http://b", "h")}
    own.told("http://a", "h", {"rooms": 1}, now)
    own.told("http://b", "other", {"rooms": 1}, now)
    now = pass_time(own, now, SETTLE_MS // 1000)
    assert findings(own, now).lost == 0, "another gateway's word, and of another hotel"
    own.told("http://b", "h", {"rooms": 1}, now)
    now = pass_time(own, now, SETTLE_MS // 1000)
    found = findings(own, now)
    assert (found.heard, found.lost, found.doubled) == (1, 1, 0)
    (latency, _) = own.report(1, 1, now).latencies
    assert (latency.type, latency.count, 19 < latency.p99_ms < 21) == ("x", 1, True)
    up = {one.client: (one.up_s, one.looked_s) for one in own.report(1, 1, now).uptimes}
    looked = (now - BEGIN) // 1000
    assert up["a"] == (looked, looked)
    assert up["b"] == (looked - 2 * SETTLE_MS // 1000, looked), "until it was settled, it was behind"
    own.heard("b", "staff:h", "x", "e", "rooms", 0, now)
    own.again("b", "x", 2, now)
    found = findings(own, now)
    assert (found.heard, found.lost, found.doubled) == (2, 0, 2)


def test_where_the_auditor_did_not_look_nobody_was_down_and_nothing_is_lost() -> None:
    own = audit()
    now = pass_time(own, BEGIN, 5)
    own.said("staff:h", Said("x", "e", "rooms", 0, 0, now), now)
    now += GRACE_MS + ABSENT_MS
    assert own.look(UP, now, now) == []
    assert own.questions(now) == set()
    assert {(one.up_s, one.looked_s) for one in own.report(1, 1, now).uptimes} == {(5, 5)}


def test_an_earlier_lifes_hours_say_since_when_it_has_looked() -> None:
    hours = [
        SloHour(property_id="*", at=BEGIN - n * HOUR_MS, findings={"lost": 1, "heard": 3}) for n in (2, 721)
    ]
    own = audit()
    own.restore(hours)
    report = own.report(1, 1, BEGIN)
    assert report.since == BEGIN - 2 * HOUR_MS
    assert [(one.window, one.lost, one.heard) for one in report.findings] == [
        ("1h", 0, 0), ("24h", 1, 3), ("30d", 1, 3),
    ]  # fmt: skip


def test_parts_of_a_second_are_not_lost() -> None:
    own = audit()
    for n in range(1, 101):
        own.look(UP, BEGIN + n * 1_040, BEGIN)
    assert {one.looked_s for one in own.report(1, 1, BEGIN).uptimes} == {104}


def test_who_left_is_not_held_against_the_log() -> None:
    own = audit()
    own.leave("a", "staff:h")
    own.enter("b", "http://b")
    assert own.said("staff:h", Said("x", "e", "rooms", 0, 0, 0), BEGIN) == []
    assert own.heard("a", "staff:h", "x", "e", "rooms", 0, BEGIN) == []
    assert own.joined("b", "staff:h", {}, BEGIN) == []


@given(st.sets(st.text("abc", min_size=1), max_size=20), st.integers(1, 6), st.integers(0, 10**6))
def test_each_hotel_has_its_turn(hotels: set[str], most: int, hour: int) -> None:
    turns = [rota(hotels, most, (hour + n) * HOUR_MS) for n in range(len(hotels) + 1)]
    assert all(len(turn) == min(most, len(hotels)) and turn <= hotels for turn in turns)
    assert set().union(*turns) == hotels
