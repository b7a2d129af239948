"""Tables that come with a request: columns, types and rows, nothing that would be worked out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from infra.engines.warehouse import guard
from infra.engines.warehouse.errors import ClickHouseError, bad_argument
from infra.engines.warehouse.jobs import External
from infra.engines.warehouse.statements import parse

# Each is made, filled and dropped, with the engine's overhead, before the query begins.
MAX_TABLES = 16
MAX_STRUCTURE = 1 << 14
WORD = re.compile(r"[A-Za-z0-9_]{1,64}")
_NO_STRUCTURE = frozenset(
    [
        *("DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL", "SELECT", "CONSTRAINT", "CHECK", "INDEX"),
        *("PROJECTION", "TTL", "CODEC"),
    ]
)


def tables(files: Mapping[str, bytes], said: Mapping[str, str]) -> tuple[External, ...]:
    """The tables of a form; `said`: its fields and the address's parameters. Raises ClickHouseError."""
    if len(files) > MAX_TABLES:
        raise bad_argument(f"More than {MAX_TABLES} external tables.")
    return tuple(_table(name, said, data) for name, data in files.items())


def _table(name: str, said: Mapping[str, str], data: bytes) -> External:
    structure = said.get(f"{name}_structure", "")
    if not structure and (types := said.get(f"{name}_types", "")):
        structure = ", ".join(f"_{at} {kind}" for at, kind in enumerate(types.split(","), 1))
    if len(structure) > MAX_STRUCTURE:
        raise bad_argument(f"The structure of external table {name[:100]!r} is too long.")
    if not structure:
        raise bad_argument(f"External table {name[:100]!r} has neither structure nor types.")
    tokens = parse(structure.encode()).tokens
    if any(token.text == ";" or token.is_word(*_NO_STRUCTURE) for token in tokens) or _unbalanced(
        token.text for token in tokens if token.kind == "sign"
    ):
        raise bad_argument(f"The structure of external table {name[:100]!r} is malformed.")
    guard.check(tokens, frozenset())
    fmt = said.get(f"{name}_format", "TabSeparated")
    if not WORD.fullmatch(fmt):
        raise ClickHouseError(73, "UNKNOWN_FORMAT", f"Unknown format {fmt[:40]!r}.")
    return External(name, structure, fmt, data)


def _unbalanced(signs: Iterable[str]) -> bool:
    depth = 0
    for sign in signs:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return True
    return depth != 0
