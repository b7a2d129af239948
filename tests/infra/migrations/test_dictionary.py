"""The page and the database say the same of every table, view and column, and nothing is without a word."""

from __future__ import annotations

from infra.migrations import dictionary, runner
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


def test_every_table_view_and_column_is_described_and_on_the_page(warehouse: Warehouse) -> None:
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings)
    client = stand.client(settings)
    page = dictionary.page()
    known = {table.name: table for table in dictionary.tables()}
    found = client.query(
        "SELECT table, name, type, comment FROM system.columns WHERE database = {d:String}",
        parameters={"d": settings.clickhouse_database},
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
    """Whole, and the last column alone: what is not asked for, the engine leaves out."""
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings)
    client = stand.client(settings)
    for view in (table for table in dictionary.tables() if table.view):
        if view.parameters and view.name != "v_on_the_books_at":
            continue  # the plain one reads it
        source = f"{view.name}(as_of = '2026-01-01')" if view.parameters else view.name
        columns = [f"`{column.name}`" for column in view.columns]
        for some in (", ".join(columns), columns[-1]):
            found = client.query(f"SELECT {some} FROM {source}").result_rows
            assert found == [] or view.name == "v_views", view.name


def test_a_moments_view_has_the_columns_of_its_plain_one(warehouse: Warehouse) -> None:
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings)
    client = stand.client(settings)
    known = {table.name: table for table in dictionary.tables()}
    for view in known.values():
        plain = known.get(view.name.removesuffix("_at"))
        if not view.parameters or plain is None:
            continue
        asked = ", ".join(f"{name} = {'7' if name == 'days' else 'now64()'}" for name in view.parameters)
        found = client.query(f"DESCRIBE (SELECT * FROM {view.name}({asked}))").result_rows
        assert [name for name, *_ in found] == [column.name for column in plain.columns], view.name
