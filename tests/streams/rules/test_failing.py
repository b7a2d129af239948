"""Rules that throw at chosen points: one input, one answer, no trace, and the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codec import decode
from schemas.records.alerts import (
    AlertCommand,
    AlertsAnswer,
    AlertsCommand,
    AlertsFact,
    AlertState,
    EmergencyRaised,
)
from schemas.records.base import Candidate, Cause, Tick, Why
from schemas.records.notifications import NotificationState
from schemas.records.services import RequestCommand, RequestService
from schemas.records.staff import ShiftState
from streams.agents import alerts, notifications, rooms, services
from streams.agents.ticks import tick
from streams.rules import answering
from streams.rules.alerts import REALERT_MS
from streams.rules.answering import FAILED, Agent, Input, Partition
from streams.rules.audience import Audience
from streams.rules.deciding import Decision, Said
from tests.schemas.facts import ROOMS
from tests.streams.rules.test_answering import ACCEPT_MS, STEPS, Log, _request, _status
from tests.streams.whole import whole

POINTS = ("decide", "fire", "due", "apply", "news", "follow", "_put", "keep")


@contextmanager
def fused(make: type[Any], broken: set[int]) -> Iterator[None]:
    """Count what is called of these rules, and throw at these calls, before or after they are done.

    Not while a state is taken over: rules that can't do that can't start at all.
    """
    calls, restoring = 0, False

    def fuse(function: Any) -> Any:
        def called(*args: Any, **named: Any) -> Any:
            nonlocal calls
            if restoring:
                return function(*args, **named)
            calls += 1
            now = calls
            if now in broken and now % 2:
                raise ZeroDivisionError(f"before call {now}")
            found = function(*args, **named)
            if now in broken:
                raise ZeroDivisionError(f"after call {now}")
            return found

        return called

    def restored(rules: Any, entities: Any) -> None:
        nonlocal restoring
        restoring = True
        restore(rules, entities)
        restoring = False

    restore = make.restore
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "restore", restored)
        for name in POINTS:
            if hasattr(make, name):
                patch.setattr(make, name, fuse(getattr(make, name)))
        yield


def _same(log: Log) -> None:
    """What lives is the fold of what was answered; deadlines set aside are the process's own."""
    live, folded = whole(log.part), whole(log.refolded())
    assert (live[0], live[2], live[4]) == (folded[0], folded[2], folded[4])


BROKEN = st.sets(st.integers(1, 120), max_size=12)
STEP = st.tuples(st.sampled_from((*STEPS, "request", "tick")), st.integers(0, 3), st.integers(0, ACCEPT_MS))


@given(st.lists(STEP, max_size=25), BROKEN)
@settings(deadline=None)
def test_every_command_has_one_answer_and_what_failed_left_no_trace(
    steps: list[tuple[str, int, int]], broken: set[int]
) -> None:
    log, at, asked = Log(), 1, []
    with fused(services.AGENT.rules, broken):  # type: ignore[arg-type]
        for number, (name, which, later) in enumerate(steps):
            at += later
            body: Any = RequestCommand(request_id=f"c{which}")
            if name == "request":
                body = RequestService(room_id="101", item="towels")
            elif name == "tick":
                body = Tick(due_at=at)
            answer = log.ask(f"c{number}", at, "ben", "manager", **{name: body})
            assert answer is not None or name == "tick"
            assert answer is None or answer.code != FAILED or log.part.failed
            if answer is not None:
                asked.append(f"c{number}")
                assert decode(log.part.value, services.AGENT.facts) == answer
    assert [answer.causation_id for answer in log.answers] == asked
    _same(log)


@given(st.lists(ROOMS, max_size=6), BROKEN)
@settings(deadline=None)
def test_every_batch_has_one_answer_and_what_failed_left_no_trace(
    batches: list[list[Any]], broken: set[int]
) -> None:
    log = Log(rooms.AGENT)
    with fused(rooms.AGENT.rules, broken):  # type: ignore[arg-type]
        for number, facts in enumerate(batches):
            assert log.hear(f"b{number}", *(replace(fact, source_system="pms") for fact in facts)) is not None
    taken = [fact.fact_id for answer in log.answers for fact in answer.facts]  # type: ignore[attr-defined]
    assert len(set(taken)) == len(taken)
    _same(log)


def _throw_for(*poison: str) -> Any:
    def apply(rules: Any, name: str, body: Any, at: int, actor_id: str) -> None:
        real(rules, name, body, at, actor_id)
        if any(one in repr(body) for one in poison):
            raise ZeroDivisionError("no rule is perfect")

    real: Any = rooms.AGENT.rules.apply  # type: ignore[attr-defined]
    return apply


def test_a_fact_that_a_rule_fails_on_stays_out_and_the_rest_of_the_batch_goes_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log(rooms.AGENT)
    monkeypatch.setattr(rooms.AGENT.rules, "apply", _throw_for("pickup"))
    batch = (
        _status("1", "dirty"),
        _status("2", "pickup", 4),
        _status("2", "pickup", 4),
        _status("3", "inspected", 5),
    )
    answer = log.hear("b1", *batch)
    assert [fact.source_event_id for fact in answer.facts] == ["1", "3"]
    assert log.part.failed.startswith("2 of 4 facts not taken: fact 1 (")
    assert "ZeroDivisionError: no rule is perfect" in log.part.failed
    monkeypatch.undo()
    again = log.hear("b2", *batch)
    assert [fact.source_event_id for fact in again.facts] == ["2"], "it may come again to a better program"
    assert log.part.failed == ""
    _same(log)


def test_a_batch_of_failures_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(rooms.AGENT)
    monkeypatch.setattr(rooms.AGENT.rules, "news", lambda *_: 1 // 0)
    answer = log.hear("b1", *(_status(str(n), "dirty", n + 1) for n in range(200)))
    assert (answer.verdict, answer.facts) == ("accepted", [])
    assert log.part.failed.endswith("too many fail: none from fact 10 on was looked at")


def test_an_answer_that_kafka_would_not_take_is_a_refusal_and_no_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log(rooms.AGENT)
    log.hear("b0", _status("0", "pickup", 1))
    monkeypatch.setattr(answering, "MOST_BYTES", 2_000)
    answer = log.hear("b1", *(_status(str(n), "dirty", n + 2) for n in range(50)))
    assert (answer.verdict, answer.code, answer.facts) == ("refused", FAILED, [])
    assert log.part.failed.startswith("no fact of 50 taken: TooLarge: the answer would be")
    assert [fact.source_event_id for fact in log.hear("b2", _status("1", "dirty", 3)).facts] == ["1"]
    _same(log)


@pytest.mark.parametrize(
    "why",
    [
        Decision("r" * 301, "s"),
        Decision("r", "s", candidates=(Candidate(id=""),)),
        Decision("r", "s", (Said("requested", RequestCommand(request_id="x"), 1),)),
        Decision("r", "s", (Said("accepted", RequestCommand(request_id=""), 1),)),
    ],
)
def test_a_decision_that_could_not_be_read_back_is_a_refusal(
    why: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    _request(log)
    monkeypatch.setattr(services.AGENT.rules, "decide", lambda *_: why)
    monkeypatch.setattr(services.AGENT.rules, "apply", lambda *_: None)
    answer = log.ask("c1", 1, accept=RequestCommand(request_id="r0"))
    assert (answer.verdict, answer.code, answer.facts) == ("refused", FAILED, [])
    assert log.part.failed
    assert decode(log.part.value, services.AGENT.facts) == answer


def test_a_sentence_is_cut_to_what_can_be_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    monkeypatch.setattr(services.AGENT.rules, "decide", lambda *_: Decision("r", "ä" * 20_000))
    answer = log.ask("c1", 1, accept=RequestCommand(request_id="r0"))
    assert (answer.verdict, len(answer.why.sentence)) == ("accepted", 8_000)
    assert decode(log.part.value, services.AGENT.facts) == answer


def _alert(name: str) -> AlertState:
    return AlertState(
        alert_id=name, kind="fire", location="lobby", raised_by="ann", raised_at=0, realert_at=1
    )


def _ringing(count: int) -> Partition:
    """A hotel with so many alerts that ring again at 1."""
    part = Partition(alerts.AGENT)
    part.hotel("h").restore({"alert": {f"a{n}": _alert(f"a{n}") for n in range(count)}})
    return part


def _tick(part: Partition, number: int, at: int) -> Any:
    where = Input("alerts.commands", 0, number, at, {})
    return part.command(tick("alerts", "h", at, at), where, alerts.AGENT.context())


def _rung(answer: Any) -> list[str]:
    return [fact.emergency_realerted.alert_id for fact in answer.facts]


def _poison(patch: pytest.MonkeyPatch, method: str, *poison: str) -> list[str]:
    """From now on these alerts can't be fired. What is returned grows by one at each try."""
    tries: list[str] = []
    make: Any = alerts.AGENT.rules
    real = getattr(make, method)

    def broken(self: Any, *args: Any) -> Any:
        met = [args[1].alert_id] if method == "apply" else [alert.alert_id for _, alert in self._ringing()]
        if set(poison).intersection(met):
            tries.append(method)
            raise ZeroDivisionError("no rule is perfect")
        return real(self, *args)

    patch.setattr(make, method, broken)
    return tries


@pytest.mark.parametrize("method", ["fire", "due", "apply"])
def test_a_deadline_that_fails_is_set_aside_and_stops_no_other(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = _ringing(9)
    tries = _poison(monkeypatch, method, "a3", "a7")
    first = _tick(part, 0, 5)
    assert _rung(first) == ["a0", "a1", "a2", "a4", "a5", "a6", "a8"]
    assert "a3" in part.failed
    assert "a7" in part.failed
    assert "no rule is perfect" in part.failed
    tried, due = len(tries), part.due("h")
    assert due == 5 + REALERT_MS
    assert _rung(_tick(part, 1, due)) == _rung(first)
    assert (part.failed, len(tries)) == ("", tried), "it is not tried again"
    monkeypatch.undo()
    acknowledge = AlertsCommand(
        command_id="c", property_id="h", actor_id="ben", actor_role="staff", claimed_at=1,
        acknowledge=AlertCommand(alert_id="a3"),
    )  # fmt: skip
    part.command(acknowledge, Input("alerts.commands", 0, 2, due, {}), alerts.AGENT.context())
    house: Any = part.hotel("h")
    assert house.aside == {"a7"}, "what is said of it anew gives it another try"


def test_a_tick_that_fails_on_all_there_is_has_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    part = _ringing(1)
    _poison(monkeypatch, "fire", "a0")
    answer = _tick(part, 0, 5)
    assert (answer.verdict, answer.code, answer.facts) == ("refused", FAILED, [])
    assert "the deadlines of a0 (1): ZeroDivisionError" in answer.why.sentence
    assert part.due("h") is None
    assert _tick(part, 1, 6) is None


def test_a_command_is_answered_where_a_deadline_before_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    part = _ringing(2)
    _poison(monkeypatch, "fire", "a0")
    command = AlertsCommand(
        command_id="c", property_id="h", actor_id="ben", actor_role="staff", claimed_at=1,
        resolve=AlertCommand(alert_id="a0"),
    )  # fmt: skip
    answer: Any = part.command(command, Input("alerts.commands", 0, 0, 5, {}), alerts.AGENT.context())
    assert (answer.verdict, len(answer.facts)) == ("accepted", 2)
    assert part.failed.startswith("the deadlines of a0 (1)")


@pytest.mark.parametrize("agent", [alerts.AGENT, notifications.AGENT])
def test_a_hotel_whose_time_fails_as_a_whole_stands_still_and_its_commands_are_answered(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Partition(agent)
    monkeypatch.setattr(agent.rules, "due", lambda _: 1 // 0)
    assert part.due("h") == 0, "due at once, so that a tick finds out"
    record: Any = tick(agent.name, "h", 0, 0)
    answer = part.command(record, Input(agent.commands.name, 0, 0, 5, {}), agent.context())
    assert answer is not None
    assert answer.code == FAILED
    assert "until the next start" in part.failed
    assert part.due("h") is None
    record = replace(record, command_id="c", tick=None)
    answer = part.command(record, Input(agent.commands.name, 0, 1, 6, {}), agent.context())
    assert answer is not None
    assert (answer.code, part.failed) == ("unknown_command", "")


def test_a_notification_that_cannot_expire_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Partition(notifications.AGENT)
    kept = {
        own: NotificationState(
            notification_id=own, user_id="ann", category="request", title="t", body="", link="",
            channels=["bell"], expires_at=expires, notified_at=0,
        )
        for own, expires in (("n1", 1), ("n2", 2), ("n3", 2), ("n4", 50))
    }  # fmt: skip
    part.hotel("h").restore({"notification": kept})
    make: Any = notifications.AGENT.rules
    real = make.apply

    def broken(self: Any, name: str, body: Any, *args: Any) -> None:
        if body.notification_id == "n2":
            raise ZeroDivisionError("no rule is perfect")
        real(self, name, body, *args)

    monkeypatch.setattr(make, "apply", broken)

    def expire(number: int, at: int) -> list[str]:
        where = Input("notifications.commands", 0, number, at, {})
        answer: Any = part.command(tick("notifications", "h", at, at), where, Audience())
        return [fact.expired.notification_id for fact in answer.facts]

    assert expire(0, 10) == ["n1", "n3"]
    assert "the deadlines of n2 (1)" in part.failed
    assert part.due("h") == 50
    assert expire(1, 60) == ["n4"]
    assert part.due("h") is None
    assert part.hotel("h").entities()["notification"].keys() == {"n2"}


def _raised(number: int) -> AlertsAnswer:
    raised = EmergencyRaised(alert_id=f"a{number}", kind="fire", location="lobby", realert_at=9)
    return AlertsAnswer(
        event_id=f"e{number}", property_id="h", recorded_at=1, actor_id="ann", actor_role="staff",
        causation_id="c", cause=Cause(topic="alerts.commands", partition=0, offset=number), expected=number,
        verdict="accepted", why=Why(rule="r", sentence="s"),
        facts=[AlertsFact(fact_id=f"f{number}", occurred_at=1, emergency_raised=raised)],
    )  # fmt: skip


@pytest.mark.parametrize("method", ["read", "apply"])
def test_a_fact_of_another_agent_that_a_rule_fails_on_has_no_answer_and_the_next_has(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, audience = Partition(notifications.AGENT), Audience()
    for name in ("ben", "cem"):
        audience.shifts[name] = ShiftState(
            staff_id=name, shift_id=name, department="spa", started_at=0, ends_at=2**41
        )
    real = getattr(notifications.AGENT.rules, method)
    left = 2 if method == "apply" else 1  # the second of two that are told, or the whole input

    def fails_once(*args: Any) -> Any:
        nonlocal left
        found = real(*args)
        left -= 1
        if left == 0:
            raise ZeroDivisionError("no rule is perfect")
        return found

    monkeypatch.setattr(notifications.AGENT.rules, method, fails_once)
    nothing = whole(part)
    assert part.read(_raised(0), Input("alerts", 0, 0, 1, {}), audience) is None
    assert part.failed == "this answer: ZeroDivisionError: no rule is perfect"
    assert whole(part) == nothing
    answer: Any = part.read(_raised(1), Input("alerts", 0, 1, 1, {}), audience)
    assert (answer.expected, len(answer.facts), part.failed) == (0, 2, "")
