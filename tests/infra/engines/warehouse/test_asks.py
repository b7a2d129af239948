from __future__ import annotations

import pytest

from infra.engines.warehouse.asks import parse
from infra.engines.warehouse.errors import ClickHouseError


def test_parameters_settings_and_ours() -> None:
    items = [
        ("query", "SELECT 1"),
        ("param_x", "1"),
        ("max_threads", "2"),
        ("session_id", "s"),
        ("user", "u"),
    ]
    ask = parse(items, {"X-ClickHouse-Database": "d"}, "POST")
    assert (ask.query, ask.params, ask.settings, ask.session_id, ask.database) == (
        "SELECT 1", {"x": "1"}, {"max_threads": "2"}, "s", "d",
    )  # fmt: skip
    assert ask.query_id
    assert not ask.read_only


def test_get_is_read_only() -> None:
    assert parse([], {}, "GET").read_only


def test_words_about_external_tables_are_no_settings() -> None:
    assert parse([("t_structure", "a Int8"), ("t_format", "CSV")], {}, "POST", ["t"]).settings == {}


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("a b", "1", 36),
        ("x'; DROP", "1", 36),
        ("session_timeout", "99999", 374),
        ("session_timeout", "9" * 5000, 374),
        ("wait_end_of_query", "maybe", 36),
    ],
)
def test_nonsense_is_refused(key: str, value: str, code: int) -> None:
    with pytest.raises(ClickHouseError) as refused:
        parse([(key, value)], {}, "POST")
    assert refused.value.code == code
