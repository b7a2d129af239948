"""The figures of service, chats, notifications and decisions against their formulas, counted by hand."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.ids import new_id
from tests.infra.migrations.hotel import Rows, asked, at

START = at("2026-03-10 10:00")
NOON = "as_of = '2026-03-10 12:00:00', known = now64()"


def minute(n: float) -> datetime.datetime:
    return START + datetime.timedelta(minutes=n)


def request(rows: Rows, hotel: str, own: str, *steps: tuple[float, str, str]) -> None:
    """A request made at ten, to be done by eleven, and its steps: (minute, what, who)."""
    rows.put(
        "service_facts", hotel, minute(0), kind="requested", request_id=own, department="rooms",
        item="towels", credits=0.5, priority=2, accept_by=minute(10), resolve_by=minute(60),
    )  # fmt: skip
    for when, kind, who in steps:
        said: dict[str, Any] = (
            {"score": int(who), "staff_id": ""} if kind == "rated" else {"score": 0, "staff_id": who}
        )
        rows.put("service_facts", hotel, minute(when), kind=kind, request_id=own, **said)


@pytest.fixture(scope="module")
def client(views: Any) -> Any:
    rows = Rows(views)
    request(rows, "s", "good", (0, "assigned", "ann"), (4, "accepted", "ann"), (5, "started", "ann"),
            (30, "completed", "ann"), (40, "rated", "5"))  # fmt: skip
    request(rows, "s", "again", (0, "assigned", "ann"), (1, "released", "ann"), (2, "assigned", "bob"),
            (8, "accepted", "bob"), (20, "completed", "bob"), (35, "reopened", ""), (36, "assigned", "bob"),
            (37, "accepted", "bob"), (50, "completed", "bob"), (55, "rated", "2"))  # fmt: skip
    request(rows, "s", "late", (6, "accepted", "cyd"), (90, "completed", "cyd"))
    request(rows, "s", "open and broken", (0, "assigned", "ann"))
    request(rows, "s", "called off", (3, "cancelled", ""))
    _chats(rows)
    _told(rows)
    rows.write()
    return views


def _chats(rows: Rows) -> None:
    """A guest who waits 10 minutes, then 2; one whom only a machine answered."""
    for thread, when, role, length in (
        ("a", 0, "guest", 5), ("a", 3, "guest", 7), ("a", 10, "staff", 20), ("a", 11, "guest", 2),
        ("a", 13, "manager", 4), ("b", 0, "guest", 9), ("b", 1, "system", 50),
    ):  # fmt: skip
        rows.put(
            "chat_events", "c", minute(when), thread_id=thread, kind="message_sent", actor_role=role,
            actor_id=role, text_length=length,
        )  # fmt: skip
    for thread in "ab":
        opened: dict[str, Any] = {
            "kind": "thread_opened",
            "thread_kind": "guest_department",
            "department": "desk",
        }
        rows.put("chat_events", "c", minute(0), thread_id=thread, actor_role="guest", **opened)


def _told(rows: Rows) -> None:
    """A notification that one browser showed and another one lost; a decision between two people."""
    rows.put(
        "notification_facts", "n", minute(0), kind="notified", notification_id="x", user_id="ann",
        category="assignment", channels=["bell", "push"],
    )  # fmt: skip
    for browser, state, when in (("1", "accepted", 1), ("1", "shown", 2), ("2", "failed", 1)):
        told: dict[str, Any] = {
            "subscription_id": browser,
            "state": state,
            "at": minute(when),
            "user_id": "ann",
        }
        rows.put("deliveries", "n", minute(when), notification_id="x", **told)
    rows.put(
        "decisions", "n", minute(0), topic="services", verdict="accepted", rule="routing/1",
        candidate_ids=["ann", "bob"], sentence="nearest", candidate_scores=[1.0, 2.0],
        candidate_eligible=[True, True],
        candidate_reasons=["", "far"], recorded_at=minute(0), facts=1,
    )  # fmt: skip


def test_every_step_and_what_follows_from_it(client: Any) -> None:
    sql = (
        "SELECT response_minutes, paused_minutes, resolution_minutes, due_minutes, assignments, reassigned,"
        " released, reopened, score, first_assigned_at, reopened_at FROM v_service_requests"
        " WHERE property_id = 's' AND request_id = {r:String}"
    )
    first = START.replace(tzinfo=None)
    at_35 = minute(35).replace(tzinfo=None)
    assert asked(client, sql, r="again") == [(8, 15, 35, 60, 3, 1, 1, 1, 2, first, at_35)]
    assert asked(client, sql, r="good") == [(4, 0, 30, 60, 1, 0, 0, 0, 5, first, None)]
    assert asked(client, sql, r="open and broken") == [(None, 0, None, 60, 1, 0, 0, 0, 0, first, None)]


def test_the_figures_of_a_department(client: Any) -> None:
    found = client.query(f"SELECT * FROM v_service_kpis_at({NOON}) WHERE property_id = 's'")
    [row] = [dict(zip(found.column_names, one, strict=True)) for one in found.result_rows]
    wanted = {
        "requests": 5, "completed": 3, "cancelled": 1, "response_n": 3, "response_p50_minutes": 6,
        "response_p90_minutes": 8, "resolution_p50_minutes": 35, "resolution_p90_minutes": 90,
        "on_time": 2, "breached_open": 1, "sla_percent": 50, "completed_once": 3, "requests_reopened": 1,
        "assigned_once": 4, "requests_reassigned": 1, "reassign_percent": 25, "ratings": 2,
        "csat_percent": 50, "accepted_on_time": 3, "credits": 1.5,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert row["reopen_percent"] == pytest.approx(100 / 3)


def test_the_backlog_as_of_a_moment(client: Any) -> None:
    sql = (
        "SELECT age_bucket, requests, breached"
        " FROM v_service_backlog_at(as_of = '{}', known = now64()) WHERE property_id = 's'"
    )
    # At 10:12 two are accepted and wait for their completion, one is late to be accepted.
    assert asked(client, sql.format("2026-03-10 10:12:00")) == [("5-15", 4, 1)]
    assert asked(client, sql.format("2026-03-10 12:00:00")) == [("60+", 1, 1)]
    sql = (
        "SELECT open, assigned, completed, breached_open, credits_open"
        f" FROM v_service_load_at({NOON}) WHERE property_id = 's'"
    )
    assert asked(client, sql) == [(0, 1, 3, 0, 0.5)]


STEPS = st.lists(st.tuples(st.integers(1, 500), st.sampled_from(["completed", "reopened"])), max_size=8)


def paused(steps: list[tuple[int, str]]) -> int:
    """Minutes between a completion and its opening again that are before the last completion."""
    last = max([when for when, kind in steps if kind == "completed"], default=0)
    total, since = 0, None
    for when, kind in sorted(steps):
        if kind == "completed":
            since = when
        elif since is not None and when <= last:
            total, since = total + when - since, None
    return total


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        STEPS.map(lambda steps: list({when: (when, kind) for when, kind in steps}.values())), max_size=40
    )
)
def test_time_that_nobody_worked_is_not_in_the_resolution(
    views: Any, requests: list[list[tuple[int, str]]]
) -> None:
    hotel, rows = new_id(), Rows(views)
    for n, steps in enumerate(requests):
        request(rows, hotel, f"{n}", *((when, kind, "") for when, kind in steps))
    rows.write()
    sql = "SELECT toUInt32(request_id), paused_minutes FROM v_service_requests WHERE property_id = {h:String}"
    assert dict(asked(views, sql, h=hotel)) == {n: paused(steps) for n, steps in enumerate(requests)}


def test_how_soon_guests_are_answered(client: Any) -> None:
    sql = (
        "SELECT thread_id, messages, guest_messages, first_response_minutes, characters, unanswered"
        " FROM v_chat_threads WHERE property_id = 'c' ORDER BY 1"
    )
    assert asked(client, sql) == [("a", 5, 3, 10, 38, False), ("b", 2, 1, None, 59, True)]
    sql = (
        "SELECT questions, answered, first_answered, first_response_p50_minutes, response_p50_minutes,"
        f" waiting, longest_waiting_minutes FROM v_chat_kpis_at({NOON}) WHERE property_id = 'c'"
    )
    assert asked(client, sql) == [(3, 2, 1, 10, 10, 1, 120)]


def test_what_became_of_a_notification_and_why_a_decision_was_taken(client: Any) -> None:
    sql = (
        "SELECT outcome, browsers, accepted, shown, failed, pruned"
        " FROM v_notification_reach WHERE property_id = 'n'"
    )
    assert asked(client, sql) == [("shown", 2, 1, 1, 1, 0)]
    sql = (
        "SELECT candidate_id, score, eligible, reason, chosen"
        " FROM v_decision_candidates WHERE property_id = 'n' ORDER BY score"
    )
    assert asked(client, sql) == [("ann", 1, True, "", False), ("bob", 2, True, "far", False)]
