"""The page over the real engine: who sees what, as of when; and without a session nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from dashboards import figures
from dashboards.access import COOKIE
from infra.migrations.runner import migrate
from infra.runtime import tokens
from infra.runtime.settings import Settings, load
from schemas.topics import BY_NAME, partition_of
from tests.fixtures_warehouse import Warehouse
from tests.patience import PATIENCE
from tests.streams.sinks import stand

PAGE = Path(__file__).parents[2] / "dashboards" / "app.py"
# Rows lie where no log has a partition, so that no sink of another test takes them for its own.
NOWHERE = 999
HOUSE = ["rooms", "occupied", "dirty", "arrivals_expected", "arrivals_done"]
SECTIONS = ["Alerts", "The house", "Service queue", "Staff", "Revenue"]


@pytest.fixture
def settings(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The page's own settings, on the session's warehouse."""
    said = {
        "DATA_DIR": str(tmp_path),
        "CLICKHOUSE_URL": warehouse.url,
        "CLICKHOUSE_DATABASE": warehouse.database,
        "CLICKHOUSE_WRITER": warehouse.writer,
        "CLICKHOUSE_WRITER_PASSWORD": warehouse.writer_password,
        "CLICKHOUSE_READER": warehouse.reader,
        "CLICKHOUSE_READER_PASSWORD": warehouse.reader_password,
        "JWT_SECRET": "k" * 32,
    }
    for name, value in said.items():
        monkeypatch.setenv(f"CONCIERGE_{name}", value)
    st.cache_resource.clear()
    yield load()
    st.cache_resource.clear()


@pytest.fixture
def hotel(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A hotel whose tables were complete a moment ago, however slowly the page comes."""
    monkeypatch.setattr(figures, "STALE_AFTER", timedelta(seconds=PATIENCE))
    migrate(settings)
    made = stand.new_hotel()
    writer = stand.client(settings)
    writer.insert(
        "property_settings",
        [[NOWHERE, 1, made, "Harbour", "Asia/Tokyo"]],
        column_names=["_partition", "_offset", "property_id", "name", "time_zone"],
    )
    fresh(settings, made, time.time())
    writer.insert(
        "occupancy_snapshots",
        [[NOWHERE, 1, made, 24, 6, 2, 3, 1]],
        column_names=["_partition", "_offset", "property_id", *HOUSE],
    )
    yield made
    writer.command("TRUNCATE TABLE progress")
    writer.close()


def fresh(settings: Settings, hotel: str, at: float) -> None:
    """Every table of the hotel is complete up to `at` (seconds)."""
    partition, moment = partition_of(hotel, settings.partitions), int(at * 1000)
    writer = stand.client(settings)
    writer.insert(
        "progress",
        [[topic, partition, moment, moment, moment] for topic in BY_NAME],
        column_names=["topic", "_partition", "next_offset", "logged_at", "complete_until"],
    )
    writer.close()


def look(monkeypatch: pytest.MonkeyPatch, settings: Settings, **claims: Any) -> AppTest:
    """The page as the holder of this session sees it."""
    said: dict[str, Any] = {"user_id": "ana", "role": "admin", "now": int(time.time()), "minutes": 5}
    cookie = tokens.sign(settings, tokens.claims(settings, **said | claims))
    monkeypatch.setattr(ContextProxy, "cookies", {COOKIE: cookie})
    return AppTest.from_file(str(PAGE), default_timeout=PATIENCE).run()


def test_without_a_session_nothing_is_shown() -> None:
    page = AppTest.from_file(str(PAGE), default_timeout=PATIENCE).run()
    assert not page.exception
    assert page.info
    assert not page.subheader
    assert not page.metric


def test_every_section_says_as_of_when(
    hotel: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = look(monkeypatch, settings, property_id=hotel)
    assert not page.exception
    assert [one.value for one in page.subheader] == SECTIONS
    tiles = {one.label: one.value for one in page.metric}
    assert (tiles["Occupancy"], tiles["Arrivals"], tiles["To clean"]) == ("25.0 %", "1 / 3", "2")
    assert all(one.delta.startswith("as of ") and one.delta != "as of never" for one in page.metric)
    assert {one.proto.color for one in page.metric} == {one.proto.MetricColor.GRAY for one in page.metric}
    badges = [one.value for one in page.markdown if "data as of" in one.value]
    assert len(badges) == len(SECTIONS)
    assert all(one.startswith(":green-badge[Live") for one in badges)


def test_what_is_old_is_called_stale(hotel: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = stand.client(settings)
    writer.command("ALTER TABLE progress DELETE WHERE topic = 'services' SETTINGS mutations_sync = 1")
    writer.close()
    page = look(monkeypatch, settings, property_id=hotel)
    badges = [one.value for one in page.markdown if "data as of" in one.value]
    assert ["Stale" in one for one in badges] == [False, False, True, True, False]
    assert "as of never" in badges[2]
    old = [one for one in page.metric if one.label.endswith(" min")]
    assert [one.delta for one in old] == ["as of never"] * 5
    for one in page.metric:
        red = one.proto.color == one.proto.MetricColor.RED
        assert red is (one in old), one.label


def test_an_admin_sees_no_other_hotel(
    hotel: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(monkeypatch, settings, property_id=hotel).selectbox[0].options == ["Harbour"]
    assert not look(monkeypatch, settings, property_id="elsewhere").subheader
    assert look(monkeypatch, settings, property_id="*").subheader


def test_an_open_page_is_lost_with_the_session(
    hotel: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = look(monkeypatch, settings, property_id=hotel, now=int(time.time()) - 10)
    assert page.metric
    writer = stand.client(settings)
    writer.insert(
        "revocations",
        [[NOWHERE, 1, hotel, "user", "ana", int(time.time() * 1000)]],
        column_names=["_partition", "_offset", "property_id", "kind", "id", "before"],
    )
    writer.close()
    page.run()
    assert not page.metric
    assert "Your session was ended" in page.info[0].value
    assert look(monkeypatch, settings, property_id=hotel, now=int(time.time()) + 1).metric


def test_without_a_warehouse_it_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_CLICKHOUSE_URL", "http://127.0.0.1:1")
    page = look(monkeypatch, settings, property_id="*")
    assert not page.exception
    assert "The warehouse does not answer" in page.error[0].value
    assert not page.metric
    page.run()  # it tries again by itself
    assert not page.exception
    assert page.error


def test_once_the_warehouse_is_back_so_is_the_page(
    hotel: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCIERGE_CLICKHOUSE_URL", "http://127.0.0.1:1")
    page = look(monkeypatch, settings, property_id=hotel)
    assert page.error
    monkeypatch.setenv("CONCIERGE_CLICKHOUSE_URL", settings.clickhouse_url)
    st.cache_resource.clear()
    page.run()
    assert page.metric
    assert not page.error
