"""What a request's SQL is: which verb, where its data begins, and where its format is named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.tokens import Token, tokenize

# The engine breaks no line within a literal or a name, so a line that begins so is the clause.
_FORMAT = re.compile(r"^FORMAT `?(\w+)`?$", re.MULTILINE)
_SELECTS = ("SELECT", "WITH", "FROM", "VALUES", "(")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `sql` is UTF-8 text without its FORMAT clause's data and without a last semicolon.

    `verb` is its first word in capitals. `data_at` is the byte at which an INSERT's data begins, None where
    the statement takes no data; `fmt` is that data's format, "" if it names none, and `cut` the byte at which
    FORMAT (or VALUES) starts.
    """

    sql: str
    verb: str
    fmt: str
    data_at: int | None
    cut: int
    tokens: tuple[Token, ...] = field(repr=False)

    @property
    def is_select(self) -> bool:
        """Whether it makes a result of any length."""
        return self.verb in _SELECTS

    @property
    def takes_data(self) -> bool:
        """Whether it is an INSERT whose rows come with the request."""
        return self.data_at is not None

    @property
    def head(self) -> str:
        """The statement up to its FORMAT or VALUES clause."""
        return _text(self.sql.encode()[: self.cut])

    def with_infile(self, path: str, fmt: str) -> str:
        """The INSERT taking its rows from a file, whose name SETTINGS must follow. `path` has no quotes."""
        given = zip(self.tokens, self.tokens[2:], strict=False)
        at = next(
            (one.start for one, sign in given if one.is_word("SETTINGS") and sign.text == "="), self.cut
        )
        raw = self.sql.encode()
        into, settings = _text(raw[:at]), _text(raw[at : self.cut])
        return f"{into}\nFROM INFILE '{path}' COMPRESSION 'none'\n{settings}\nFORMAT {fmt}"

    def with_outfile(self, path: str, fmt: str, named: bool) -> str:
        """The statement writing to a file. `path` has no quotes; the statement has no INTO OUTFILE yet.

        `named`: it names `fmt` itself, as the engine says: the last FORMAT before a name is the clause.
        """
        raw = self.sql.encode()
        pairs = pairwise(self.tokens) if named else ()
        clauses = [one.start for one, other in pairs if one.is_word("FORMAT") and other.is_name]
        if not clauses:
            return f"{self.sql}\nINTO OUTFILE '{path}' APPEND FORMAT {fmt}"
        return f"{_text(raw[: clauses[-1]])}\nINTO OUTFILE '{path}' APPEND {_text(raw[clauses[-1] :])}"


def parse(raw: bytes) -> Statement:
    """The statement at the start of `raw` (SQL, maybe followed by an INSERT's data).

    Raises ClickHouseError 62 if there is none, or more than one.
    """
    text = raw.decode("latin-1")
    stream = tokenize(text)
    tokens: list[Token] = []
    first = next(stream, None)
    if first is None:
        raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error: the query is empty.")
    tokens.append(first)
    if first.is_word("INSERT"):
        found = _insert(raw, stream, tokens)
        if found is not None:
            return found
    tokens.extend(stream)
    return _plain(raw, tokens)


def _insert(raw: bytes, stream: object, tokens: list[Token]) -> Statement | None:
    """An INSERT with data; None for INSERT ... SELECT, with the tokens read so far in `tokens`."""
    depth, named = 0, False
    for token in stream:  # type: ignore[attr-defined]  # an iterator, shared with the caller
        tokens.append(token)
        before = tokens[-2]
        if token.text in ("(", "[", "{") and token.kind == "sign":
            depth += 1
            named = True
        elif token.text in (")", "]", "}") and token.kind == "sign":
            depth -= 1
        elif depth:
            continue
        elif not named:
            # INSERT [INTO] [TABLE | FUNCTION] name [. name]: a table may be called `format`, or `into`.
            leads = (before.is_word("INSERT") and token.is_word("INTO")) or token.is_word("TABLE", "FUNCTION")
            named = token.is_name and not (leads and len(tokens) <= 4)
        elif before.text == "." or token.text == ".":
            continue
        elif token.is_word("SELECT", "WITH"):
            return None
        elif token.is_word("VALUES"):
            return Statement(
                _text(raw[: token.end]), "INSERT", "Values", token.end, token.start, tuple(tokens)
            )
        elif token.is_word("FORMAT"):
            name = next(stream, None)  # type: ignore[call-overload]  # as above
            if name is None:
                return None
            tokens.append(name)
            at = _skip_line_end(raw, name.end)
            return Statement(_text(raw[: name.end]), "INSERT", name.text, at, token.start, tuple(tokens))
        elif token.text == ";":
            break
    if any(token.is_word("SELECT", "WITH") for token in tokens):
        return None
    end = tokens[-1].start if tokens[-1].text == ";" else len(raw)
    return Statement(_text(raw[:end]), "INSERT", "", end, end, tuple(tokens))


def _plain(raw: bytes, tokens: list[Token]) -> Statement:
    ends = [at for at, token in enumerate(tokens) if token.kind == "sign" and token.text == ";"]
    if ends:
        if any(token.text != ";" for token in tokens[ends[0] :]):
            raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed).")
        raw = raw[: tokens[ends[0]].start]
        tokens = tokens[: ends[0]]
    if not tokens:
        raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error: the query is empty.")
    return Statement(_text(raw), tokens[0].text.upper(), "", None, len(raw), tuple(tokens))


def format_named(normal: str) -> str:
    """The format that a statement names, "" if none. `normal`: the statement as the engine writes it."""
    found = _FORMAT.search(normal)
    return found[1] if found else ""


def _skip_line_end(raw: bytes, at: int) -> int:
    """Data begins after the blanks behind the format's name and one line end, as at a server."""
    while at < len(raw) and raw[at] in b" \t\f;":
        at += 1
    if raw[at : at + 2] == b"\r\n":
        return at + 2
    return at + 1 if raw[at : at + 1] == b"\n" else at


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
