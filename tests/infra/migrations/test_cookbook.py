"""Every query of the cookbook, as `reader` sends it, on a hotel with one of each; and what it can't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.migrations import dictionary, runner
from tests import fixtures_warehouse
from tests.infra.migrations.hotel import Rows, at, day
from tests.infra.migrations.test_work import put_shift
from tests.streams.sinks import stand

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "query-cookbook.md"
RECIPES = re.findall(r"^### (.+?)\n```sql\n(.+?)```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
HOTEL = "harbour"
SECRET = "what a guest wrote"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A reader's client: it may read the database of its warehouse alone, so this is one of our own."""
    with fixtures_warehouse.served(tmp_path_factory.mktemp("cookbook")) as house:
        settings = stand.settings_for("unused:1", house, database="concierge")
        runner.migrate(settings)
        writer = stand.client(settings)
        rows = Rows(writer)
        _house(rows)
        _work(rows)
        _rest(rows)
        rows.write()
        _progress(writer)
        client = stand.client(settings, reader=True)
        yield client
        client.close()
        writer.close()


def _house(rows: Rows) -> None:
    rows.hotel(HOTEL, 10, "2026-01-01 00:00", zone="Europe/Lisbon")
    rows.stay(HOTEL, "gone", "2026-03-08", 2, segment="leisure", channel="direct")
    rows.stay(HOTEL, "in house", "2026-03-09", 3, status="in_house", room_id="101")
    rows.stay(HOTEL, "missed", "2026-03-09", 1, status="no_show")
    rows.stay(HOTEL, "to come", "2026-03-10", 2, status="made", booked="2026-03-10")
    rows.put(
        "charges", HOTEL, at("2026-03-09 22:00"), logged=at("2026-03-11 08:00"), kind="charge_posted",
        charge_kind="spa", business_date=day("2026-03-09"), amount="30", currency="EUR",
        reservation_id="gone",
    )  # fmt: skip
    rows.put(
        "night_audits", HOTEL, at("2026-03-10 02:00"), closed=day("2026-03-09"), opened=day("2026-03-10")
    )
    spa: dict[str, Any] = {"reservation_id": "in house", "charge_id": "spa"}
    rows.put(
        "charges", HOTEL, at("2026-03-09 21:00"), kind="charge_posted", charge_kind="spa", amount="45",
        business_date=day("2026-03-09"), currency="EUR", **spa,
    )  # fmt: skip
    rows.put("charge_voids", HOTEL, at("2026-03-10 09:00"), kind="charge_voided", reason="not taken", **spa)
    for room, dimension, value in (("101", "housekeeping", "dirty"), ("102", "block", "out_of_order")):
        rows.put(
            "room_status_changes", HOTEL, at("2026-03-10 09:00"), kind="room_status_changed", room_id=room,
            dimension=dimension, value=value, reason="leak",
        )  # fmt: skip
    rows.put("occupancy_snapshots", HOTEL, at("2026-03-10 14:00"), rooms=10, occupied=1)


def _work(rows: Rows) -> None:
    put_shift(rows, HOTEL, "ann", (0, 480), [(60, 90)])
    for own, steps in {"r1": ("assigned", "accepted", "started", "completed"), "r2": ("assigned",)}.items():
        promise: dict[str, Any] = {"accept_by": at("2026-03-10 10:00"), "resolve_by": at("2026-03-10 11:00")}
        rows.put(
            "service_facts", HOTEL, at("2026-03-10 09:00"), kind="requested", request_id=own,
            department="rooms", credits=1.0, **promise,
        )  # fmt: skip
        for n, step in enumerate(steps):
            when = at(f"2026-03-10 09:1{n}")
            rows.put("service_facts", HOTEL, when, kind=step, request_id=own, staff_id="ann")
    rows.put(
        "decisions", HOTEL, at("2026-03-10 09:10"), recorded_at=at("2026-03-10 09:10"), topic="services",
        candidate_ids=["ann"], candidate_scores=[1.0], candidate_eligible=[True], candidate_reasons=[""],
    )  # fmt: skip


def _rest(rows: Rows) -> None:
    when = at("2026-03-10 09:00")
    rows.put(
        "chat_events", HOTEL, when, thread_id="t", kind="message_sent", actor_role="guest", text_length=7
    )
    rows.put("alert_facts", HOTEL, when, kind="emergency_raised", alert_id="a", emergency_kind="medical")
    rows.put("notification_facts", HOTEL, when, kind="notified", notification_id="n", user_id="ann")
    letter: dict[str, Any] = {"topic": "chats", "value": SECRET, "key": SECRET, "reason": "no record"}
    rows.put("dead_letters", HOTEL, when, at=when, **letter)


def _progress(writer: Any) -> None:
    topics = sorted(
        {topic for _, topics in writer.query("SELECT * FROM v_views").result_rows for topic in topics}
    )
    # `settings` is five minutes behind the others.
    said = [
        [topic, 0, 1_000_000, at("2026-03-10 13:00"), at(f"2026-03-10 14:0{0 if topic == 'settings' else 5}")]
        for topic in topics
    ]
    writer.insert("progress", said)


def test_the_page_has_its_recipes() -> None:
    assert len(RECIPES) >= 20


@pytest.mark.parametrize(("question", "sql"), RECIPES, ids=[question for question, _ in RECIPES])
def test_a_recipe_gives_rows(reader: Any, question: str, sql: str) -> None:
    found = reader.query(sql)
    assert found.result_rows, question
    assert set(found.column_names) <= set(re.findall(r"\w+", sql)), question


def test_then_and_now_differ(reader: Any) -> None:
    [sql] = [sql for question, sql in RECIPES if "last Tuesday" in question]
    assert [(row[0], row[-1]) for row in sorted(reader.query(sql).result_rows)] == [("now", 30), ("then", 0)]


def test_the_frontier_is_that_of_the_topic_furthest_behind(reader: Any) -> None:
    rows = reader.query(
        "SELECT view, complete_until, newest_event_at, next_offsets FROM v_frontier"
        " WHERE property_id = 'harbour'"
    ).result_rows
    told = {view: rest for view, *rest in rows}
    behind, fresh = (at(f"2026-03-10 {when}").replace(tzinfo=None) for when in ("14:00", "14:05"))
    newest = at("2026-03-10 09:13").replace(tzinfo=None)
    assert told["v_service_requests"] == [fresh, newest, {"services": 1_000_000}]
    assert told["v_service_kpis"] == [behind, newest, {"services": 1_000_000, "settings": 1_000_000}]
    assert set(told) == {view for (view,) in reader.query("SELECT view FROM v_views").result_rows}


def test_no_view_tells_a_secret(reader: Any) -> None:
    """The raw bytes of a chat that could not be read are in the table of dead letters."""
    for view in ("v_dead_letters", "v_chat_facts", "v_chat_threads", "v_chat_responses", "v_chat_kpis"):
        rows = reader.query(f"SELECT * FROM {view}").result_rows
        assert rows, view
        assert SECRET not in str(rows), view
    columns = {column.name for view in dictionary.tables() if view.view for column in view.columns}
    assert not columns & {"value_bytes", "key", "note", "device_id", "secret", "endpoint"}


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE OR REPLACE VIEW v_rooms_now AS SELECT 1",
        "DROP VIEW v_rooms_now",
        "INSERT INTO v_rooms_now SELECT * FROM v_rooms_now",
        "INSERT INTO night_audits (property_id) VALUES ('harbour')",
        "ALTER TABLE charges DELETE WHERE 1",
        "SELECT * FROM v_rooms_now_at(as_of = file('/etc/passwd'), known = now64())",
    ],
)
def test_what_a_reader_cannot(reader: Any, sql: str) -> None:
    with pytest.raises(ClickHouseError):
        reader.command(sql)
