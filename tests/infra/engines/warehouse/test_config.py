from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from infra.engines.warehouse.config import FIXED, MOST, Limits, server_xml, users_xml

LIMITS = Limits(1 << 30, 1 << 29, 60, 16)


def test_it_is_xml_whatever_the_names() -> None:
    server = ElementTree.fromstring(server_xml(Path("/a&b/<x>"), LIMITS))
    assert server.findtext("users_config") == "/a&b/<x>"
    users = ElementTree.fromstring(users_xml("ho`tel & co", LIMITS))
    grants = [query.text for query in users.findall("roles/reader/grants/query")]
    assert "GRANT SELECT, SHOW, dictGet ON `ho\\`tel & co`.*" in grants


@given(server=st.integers(256, 1 << 16), query=st.integers(64, 1 << 16), queries=st.integers(1, 200))
def test_readers_together_leave_the_writer_a_quarter(server: int, query: int, queries: int) -> None:
    limits = Limits(server << 20, query << 20, 60, queries)
    assert 1 <= limits.reader_queries <= max(1, queries * 3 // 4)
    assert limits.reader_queries * limits.reader_bytes <= limits.server_bytes * 3 // 4
    assert limits.reader_bytes >= min(query, 192) << 20
    assert limits.sessions * 1.2 < 0.1 * server


def test_a_readers_share_is_a_constraint() -> None:
    users = ElementTree.fromstring(users_xml("d", LIMITS))
    assert users.findtext("profiles/reader/constraints/max_memory_usage/max") == str(256 << 20)


def test_readers_get_no_table_about_people() -> None:
    users = ElementTree.fromstring(users_xml("d", LIMITS))
    grants = " ".join(query.text or "" for query in users.findall("roles/reader/grants/query"))
    for table in ("processes", "query_log", "users", "grants", "session_log", "stack_trace"):
        assert f"system.{table}" not in grants


def test_what_nobody_may_change_is_a_constraint() -> None:
    users = ElementTree.fromstring(users_xml("d", LIMITS))
    held = users.find("profiles/default/constraints")
    assert held is not None
    for name, value in FIXED.items():
        assert held.find(f"{name}/readonly") is not None
        assert users.findtext(f"profiles/default/{name}") == value
    assert {name: int(held.findtext(f"{name}/max") or 0) for name in MOST} == MOST
