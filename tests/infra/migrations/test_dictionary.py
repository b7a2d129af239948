"""The page and the database say the same of every table, view and column, and nothing is without a word."""

from __future__ import annotations

import random
from typing import Any

from infra.migrations import dictionary, runner
from schemas.topics import BY_NAME
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


def test_every_table_view_and_column_is_described_and_on_the_page(views: Any) -> None:
    page = dictionary.page()
    known = {table.name: table for table in dictionary.tables()}
    found = views.query(
        "SELECT table, name, type, comment FROM system.columns WHERE database = currentDatabase()"
    ).result_rows
    # The engine keeps no columns of a view with parameters.
    asked = {table.name for table in known.values() if table.parameters}
    assert {table for table, *_ in found} | asked == set(known)
    for table, name, _, comment in found:
        column = next((c for c in known[table].columns if c.name == name), None)
        assert column is not None, f"{table}.{name}"
        if table not in asked:
            assert (comment, bool(comment)) == (column.comment, True), f"{table}.{name}"
        assert f"| `{name}` | `{column.type}` | {column.comment} |" in page
    assert all(table.comment and table.columns for table in known.values())
    assert len(found) > 400


def test_every_column_of_every_view_can_be_read(warehouse: Warehouse) -> None:
    """All of a view's columns at once, and one alone: another each time, all take a minute."""
    seed = random.randrange(2**31)
    print(f"seed {seed}")
    dice = random.Random(seed)
    settings = stand.settings_for("unused:1", warehouse)
    stand.made_for.append(settings)
    runner.migrate(settings)
    client = stand.client(settings)
    for view in (table for table in dictionary.tables() if table.view):
        if view.parameters and view.name != "v_on_the_books_at":
            continue  # its plain one reads every column of it
        source = f"{view.name}(as_of = '2026-01-01')" if view.parameters else view.name
        columns = ", ".join(f"`{column.name}`" for column in view.columns)
        found = client.query(f"SELECT {columns} FROM {source}").result_rows
        assert found == [] or view.name == "v_views", view.name
        alone = dice.choice(view.columns).name
        assert len(client.query(f"SELECT `{alone}` FROM {source}").result_rows) == len(found), (
            view.name,
            alone,
        )


def test_every_view_says_of_which_topics_it_is(views: Any) -> None:
    told = dict(views.query("SELECT view, topics FROM v_views").result_rows)
    about_views = {"v_views", "v_frontier", "v_freshness", "v_property_freshness"}
    names = {table.name for table in dictionary.tables() if table.view}
    plain = {name for name in names if name.removesuffix("_at") not in names - {name}}
    assert set(told) == plain - about_views
    assert {topic for topics in told.values() for topic in topics} <= set(BY_NAME)
