"""The data dictionary, read from the migrations' own DDL: every table, view and column with its COMMENT."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from infra.migrations.files import load

_HEAD = re.compile(r"CREATE (?:TABLE IF NOT EXISTS|OR REPLACE VIEW) (?:\{database:Identifier\}\.)?(\w+)")
_ADDED = re.compile(r"ALTER TABLE (\w+) ADD COLUMN")
_TOLD = re.compile(r"ALTER TABLE (\w+) COMMENT COLUMN (\w+) '((?:[^'\\]|\\.)*)'")
_RETOLD = re.compile(r"ALTER TABLE (\w+) MODIFY COMMENT '((?:[^'\\]|\\.)*)'")
_COLUMN = re.compile(r"^    (\w+) (.+?)(?: DEFAULT .+?)? COMMENT '((?:[^'\\]|\\.)*)',?$")
_PARAMETER = re.compile(r"\{(\w+):([^}]+)\}")
_COMMENT = re.compile(r"COMMENT '((?:[^'\\]|\\.)*)'\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or view."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view; `view` tells which. `parameters`: name -> type of what a view is asked with."""

    name: str
    view: bool
    comment: str
    columns: list[Column] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)


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
            if told := _TOLD.search(statement):
                held = found[told[1]].columns
                held[:] = [
                    replace(one, comment=_plain(told[3])) if one.name == told[2] else one for one in held
                ]
            if retold := _RETOLD.search(statement):
                found[retold[1]] = replace(found[retold[1]], comment=_plain(retold[2]))
            if not (head := _HEAD.search(statement)):
                continue
            comment = _COMMENT.search(statement)
            asked = dict(_PARAMETER.findall(statement.replace("{database:Identifier}", "")))
            said = _plain(comment[1]) if comment else ""
            found[head[1]] = Table(head[1], "VIEW" in head[0], said, columns, asked)
    for name, table in found.items():
        if not table.columns and (twin := found.get(name.removesuffix("_at"))):
            table.columns.extend(twin.columns)  # v_x_at has the columns of v_x
    return list(found.values())


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def page() -> str:
    """docs/reference/tables.md."""
    known = tables()
    names = {table.name for table in known}
    lines = [
        "# Tables and views",
        "",
        "Made from `infra/migrations/sql` by `python -m infra.docs`; the same words are the `COMMENT`s in",
        "the database. Read the views; a table may hold a row twice until it is merged: count with `FINAL`.",
        "`_partition`, `_offset`, `_fact` say the record of the log, and the fact in it, that a row is of.",
        "",
        "`v_x_at(as_of = ..., known = ...)` is `v_x` at a moment, with the same columns: what had happened",
        "by `as_of` (`occurred_at`), of what the log held at `known` (`logged_at`, broker time). Both in",
        "UTC. The same moment twice is what was known then; `known = now64()` is what is known of it now.",
        "[The cookbook](../how-to/query-cookbook.md) has examples.",
    ]
    for title, views in (("Views", True), ("Tables", False)):
        lines += ["", f"## {title}"]
        for table in sorted((t for t in known if t.view is views), key=lambda t: t.name):
            lines += [
                "",
                f"### `{table.name}`",
                "",
                f"{table.comment}.",
            ]
            if asked := ", ".join(f"{name}: {kind}" for name, kind in table.parameters.items()):
                lines += ["", f"Parameters: `{asked}`."]
            if not table.name.endswith("_at") or table.name.removesuffix("_at") not in names:
                lines += ["", "| column | type | what it is |", "| --- | --- | --- |"]
                lines += [f"| `{c.name}` | `{c.type}` | {c.comment} |" for c in table.columns]
    return "\n".join(lines) + "\n"
