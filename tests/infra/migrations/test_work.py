"""Shifts and utilisation: a plain count of minutes says the same as the view; and one day by hand."""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.ids import new_id
from tests.infra.migrations.hotel import Rows, asked, at

START = at("2026-03-10 08:00")
SPAN = st.tuples(st.integers(0, 600), st.integers(1, 200)).map(lambda pair: (pair[0], pair[0] + pair[1]))
Span = tuple[int, int]


def minute(n: int) -> datetime.datetime:
    return START + datetime.timedelta(minutes=n)


def apart(spans: list[Span]) -> list[Span]:
    """Of these the ones that begin after the one before has ended."""
    found: list[Span] = []
    for span in sorted(spans):
        if not found or span[0] > found[-1][1]:
            found.append(span)
    return found


def put_shift(rows: Rows, hotel: str, person: str, shift: Span, breaks: list[Span]) -> None:
    head: dict[str, Any] = {"staff_id": person, "shift_id": f"{person} {shift[0]}", "department": "rooms"}
    rows.put("shift_facts", hotel, minute(shift[0]), kind="shift_started", **head)
    rows.put("shift_facts", hotel, minute(shift[1]), kind="shift_ended", **head)
    for first, last in breaks:
        rows.put("shift_facts", hotel, minute(first), kind="break_started", **head)
        if last < shift[1]:
            rows.put("shift_facts", hotel, minute(last), kind="break_ended", **head)


def put_work(rows: Rows, hotel: str, person: str, work: list[Span]) -> None:
    for n, (first, last) in enumerate(work):
        own: dict[str, Any] = {"request_id": f"{person} {n}"}
        rows.put("service_facts", hotel, minute(0), kind="requested", department="rooms", credits=1.0, **own)
        rows.put("service_facts", hotel, minute(first), kind="started", staff_id=person, **own)
        rows.put("service_facts", hotel, minute(last), kind="completed", staff_id=person, **own)


def counted(shift: Span, breaks: list[Span], work: list[Span]) -> tuple[int, int, int]:
    """Minutes on duty, on breaks and at work, one after the other."""
    on = set(range(*shift))
    off = {n for span in breaks for n in range(*span)} & on
    busy = {n for span in work for n in range(*span)} & on - off
    return len(on), len(off), len(busy)


def percent(on: int, off: int, busy: int) -> Decimal | None:
    if on == off:
        return None
    return (Decimal(100 * busy) / (on - off)).quantize(Decimal("0.01"), ROUND_HALF_UP)


DAY = st.tuples(SPAN, st.lists(SPAN, max_size=3), st.lists(SPAN, max_size=6))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DAY, min_size=5, max_size=20))
def test_utilisation_is_the_union_of_work_over_the_shift_less_breaks(
    views: Any, people: list[tuple[Span, list[Span], list[Span]]]
) -> None:
    hotel, rows, wanted = new_id(), Rows(views), {}
    for n, (shift, breaks, work) in enumerate(people):
        rests = [span for span in apart(breaks) if shift[0] <= span[0] < shift[1]]
        put_shift(rows, hotel, f"p{n:02}", shift, rests)
        put_work(rows, hotel, f"p{n:02}", work)
        minutes = counted(shift, rests, work)
        wanted[f"p{n:02}"] = (*minutes, percent(*minutes))
    rows.write()
    sql = (
        "SELECT staff_id, shift_minutes, break_minutes, active_minutes, utilisation FROM v_staff_shifts"
        " WHERE property_id = {h:String}"
    )
    assert {who: tuple(rest) for who, *rest in asked(views, sql, h=hotel)} == wanted


@pytest.fixture(scope="module")
def client(views: Any) -> Any:
    rows = Rows(views)
    rows.hotel("work", 10, "2026-01-01 00:00")
    put_shift(rows, "work", "ann", (0, 480), [(240, 270)])
    put_work(rows, "work", "ann", [(0, 60), (30, 90), (230, 280)])
    plan: dict[str, Any] = {"staff_id": "ann", "shift_id": "next", "department": "rooms"}
    rows.put(
        "shift_facts",
        "work",
        minute(10),
        kind="shift_planned",
        starts_at=minute(1440),
        ends_at=minute(1920),
        **plan,
    )
    rows.put("service_facts", "work", minute(100), kind="rated", request_id="ann 1", score=5)
    rows.write()
    return views


def test_a_shift_counted_by_hand(client: Any) -> None:
    sql = (
        "SELECT status, shift_minutes, break_minutes, active_minutes, utilisation FROM v_staff_shifts"
        " WHERE property_id = 'work' ORDER BY started_at IS NULL"
    )
    # 90 minutes of two requests at once, and 50 less a break of 30
    assert asked(client, sql) == [
        ("ended", 480, 30, 110, Decimal("24.44")),
        ("planned", 0, 0, 0, None),
    ]


def test_a_day_of_a_member_of_staff(client: Any) -> None:
    sql = (
        "SELECT completed, credits, ratings, csat_percent, round(utilisation, 2), round(credits_per_hour, 2)"
        " FROM v_staff_performance_daily WHERE property_id = 'work' AND day = '2026-03-10'"
    )
    assert asked(client, sql) == [(3, 3, 1, 100, 24.44, 0.4)]


def test_on_a_break_at_a_moment(client: Any) -> None:
    sql = (
        "SELECT on_shift, on_break, completed, ratings, rating FROM"
        " v_staff_performance_at(as_of = '2026-03-10 12:10:00', known = now64()) WHERE property_id = 'work'"
    )
    assert asked(client, sql) == [(True, True, 2, 1, 5)]
    sql = sql.replace("12:10", "16:10")
    assert asked(client, sql) == [(False, False, 3, 1, 5)]
