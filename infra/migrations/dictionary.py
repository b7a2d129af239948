"""The data dictionary, read from the migrations' own DDL: every table, view and column with its COMMENT."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from infra.migrations.files import load

_HEAD = re.compile(r"CREATE (?:TABLE IF NOT EXISTS|OR REPLACE VIEW) (?:\{database:Identifier\}\.)?(\w+)")
_ADDED = re.compile(r"ALTER TABLE (\w+) ADD COLUMN")
_COLUMN = re.compile(r"^    (\w+) (.+?)(?: DEFAULT .+?)? COMMENT '((?:[^'\\]|\\.)*)',?$")
_COMMENT = re.compile(r"COMMENT '((?:[^'\\]|\\.)*)'\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or view."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view; `view` tells which."""

    name: str
    view: bool
    comment: str
    columns: list[Column] = field(default_factory=list)


def tables() -> list[Table]:
    """Every table and view in the order they are made; a later definition takes an earlier one's place."""
    found: dict[str, Table] = {}
    for migration in load():
        for statement in migration.statements:
            columns = [
                Column(m[1], m[2], _plain(m[3]))
                for line in statement.splitlines()
                if (m := _COLUMN.match(line))
            ]
            if added := _ADDED.search(statement):
                found[added[1]].columns.extend(columns)
            if not (head := _HEAD.search(statement)):
                continue
            comment = _COMMENT.search(statement)
            found[head[1]] = Table(head[1], "VIEW" in head[0], _plain(comment[1]) if comment else "", columns)
    return list(found.values())


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def page() -> str:
    """docs/reference/tables.md."""
    known = tables()
    lines = [
        "# Tables and views",
        "",
        "Made from `infra/migrations/sql` by `python -m infra.docs`; the same words are the `COMMENT`s in",
        "the database. Read the views; a table may hold a row twice until it is merged: count with `FINAL`.",
        "`_partition`, `_offset`, `_fact` say the record of the log, and the fact in it, that a row is of.",
    ]
    for title, views in (("Views", True), ("Tables", False)):
        lines += ["", f"## {title}"]
        for table in sorted((t for t in known if t.view is views), key=lambda t: t.name):
            lines += [
                "",
                f"### `{table.name}`",
                "",
                f"{table.comment}.",
                "",
                "| column | type | what it is |",
            ]
            lines.append("| --- | --- | --- |")
            lines += [f"| `{c.name}` | `{c.type}` | {c.comment} |" for c in table.columns]
    return "\n".join(lines) + "\n"
