"""Where a statement's FORMAT clause is, though a column, a table or an alias may be called `format`. Pure.

The engine knows by its grammar; here one bit is enough: whether a value is awaited (behind SELECT, a comma,
an operator), where `format` is a name, or has just ended, where it begins the clause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from infra.engines.warehouse.tokens import Token

# Behind a value, these await another one. Any other word there is an alias, a type, or ends the value.
_AWAIT = frozenset(
    [
        *("SELECT", "WITH", "FROM", "JOIN", "ON", "USING", "PREWHERE", "WHERE", "HAVING", "QUALIFY", "BY"),
        *("AND", "OR", "IN", "LIKE", "ILIKE", "REGEXP", "BETWEEN", "DIV", "MOD", "OVER", "AS"),
        *("WHEN", "THEN", "ELSE", "UNION", "EXCEPT", "INTERSECT", "LIMIT", "OFFSET", "SETTINGS", "INTO"),
    ]
)
# Where no SELECT has begun, what is made, changed or shown has a name behind these.
_NAMED = frozenset(
    [
        *("TABLE", "VIEW", "DICTIONARY", "DATABASE", "EXISTS", "DESCRIBE", "DESC", "CHECK", "TRUNCATE"),
        *("COLUMN", "AFTER", "INDEX", "PROJECTION", "CONSTRAINT", "STATISTICS"),
    ]
)
# INTERVAL format DAY, CASE ... ELSE format END: no format has such a name.
_NEVER = re.compile(
    r"END|ASC|DESC|(NANO|MICRO|MILLI)?SECONDS?|(MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)S?", re.IGNORECASE
)
_JOINED = ("UNION", "EXCEPT", "INTERSECT")
_FIRST = frozenset(["SELECT", "WITH", "FROM"])


def format_clause(tokens: Sequence[Token]) -> tuple[str, Token] | None:
    """The format that the statement names, and the token FORMAT; None if it names none."""
    awaited, depth, made = True, 0, True
    for at, token in enumerate(tokens):
        if token.kind == "sign" and token.text in "([{":
            depth += 1
        elif token.kind == "sign" and token.text in ")]}":
            depth -= 1
            awaited = False
        elif depth > 0:
            continue
        elif token.kind == "sign":
            # The star of `SELECT *` is a value, and the point of `1.` ends one.
            number = at > 0 and tokens[at - 1].kind == "number"
            awaited = not (token.text == "*" if awaited else token.text == "." and number)
        elif token.kind != "word":
            awaited = False
        elif not awaited and _is_clause(tokens, at):
            return tokens[at + 1].text, token
        else:
            awaited = _awaits(tokens, at, awaited, made)
            made = made and not token.is_word(*_FIRST)
    return None


def _is_clause(tokens: Sequence[Token], at: int) -> bool:
    if at + 1 >= len(tokens) or not tokens[at].is_word("FORMAT") or not tokens[at + 1].is_name:
        return False
    if _NEVER.fullmatch(tokens[at + 1].text):
        return False
    return at + 2 == len(tokens) or tokens[at + 2].is_word("SETTINGS")


def _is_name_by(after: Sequence[Token]) -> bool:
    """Whether `case` or `interval` is a column or a table, by the token behind it."""
    return not after or after[0].is_word(*(_AWAIT - {"WHEN"})) or after[0].text in (",", "=", ".", ":")


def _awaits(tokens: Sequence[Token], at: int, awaited: bool, made: bool) -> bool:
    """Whether a value is awaited behind this word. `awaited`: it was before; `made`: no SELECT has begun."""
    word = tokens[at].text.upper()
    before = tokens[at - 1].text.upper() if at else ""
    if made and word in _NAMED:
        return True
    if before == "AS" and not made:
        return False
    if not awaited:
        return word in _AWAIT
    if at == 0:
        return word in _FIRST
    if word in ("ALL", "DISTINCT"):
        return before in ("SELECT", *_JOINED)
    if word == "SELECT":
        return before in ("AS", "ALL", "DISTINCT", *_JOINED)
    if word == "WHEN":
        return before == "CASE"
    if word in ("CASE", "INTERVAL"):
        return not _is_clause(tokens, at + 1) and not _is_name_by(tokens[at + 1 : at + 2])
    return word == "NOT"
