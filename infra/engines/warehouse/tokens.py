"""ClickHouse SQL cut into tokens: enough to find clauses, and to see through quotes and comments.

Text is UTF-8 bytes decoded as latin-1, so that a position is a byte's place even when binary data follows.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from infra.engines.warehouse.errors import ClickHouseError

Kind = Literal["word", "quoted", "string", "number", "sign"]

MAX_TAGS = 100
# Of numbers the end matters: `.5SETTINGS` is two tokens to the engine, `5SETTINGS` one, `1e--1` no comment.
# The engine's lexer takes typographic quotes as quotes too; these are their UTF-8 bytes.
_OPEN1, _CLOSE1, _OPEN2, _CLOSE2 = "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d"
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_LEXER = re.compile(
    rf"""
    (?P<space>(?:\s|\xc2\xa0|\xe3\x80\x80|\xe2\x80[\x80-\x8b\xaf]|\xe2\x81\x9f|\xef\xbb\xbf)+)
  | (?P<comment>--[^\n]*|//[^\n]*|\#[ !][^\n]*|/\*.*?(?:\*/|\Z))
  | (?P<heredoc>\$\w*\$)
  | (?P<string>(?<![\w$])[xXbB]'[0-9A-Fa-f]*'|'(?:[^'\\]|\\.|'')*(?:'|\Z)|{_OPEN1}.*?(?:{_CLOSE1}|\Z))
  | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
  | (?P<number>(?<=\.){_DIGITS}(?:[eE](?!\Z)[+-]?(?:{_DIGITS})?)?
      |[0-9][0-9_]*(?:\.[0-9_]*)?[eE][+-]|0[xX][0-9A-Fa-f_]*(?:\.[0-9A-Fa-f_]*)?[pP][+-]|[0-9][A-Za-z0-9_]*)
  | (?P<quoted>`(?:[^`\\]|\\.|``)*(?:`|\Z)|"(?:[^"\\]|\\.|"")*(?:"|\Z)|{_OPEN2}.*?(?:{_CLOSE2}|\Z))
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


_TAG = re.compile(r"(?=(\$\w*\$))", re.ASCII)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "a": "\a", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` of a quoted name or a string is what stands between the quotes, unescaped."""

    kind: Kind
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords (written in capitals here)."""
        return self.kind == "word" and self.text.upper() in words

    @property
    def is_name(self) -> bool:
        """Whether it can name a table, a function or a column."""
        return self.kind in ("word", "quoted")


def tokenize(sql: str) -> Iterator[Token]:
    """The tokens of latin-1 `sql`, one after the other, without space and comments.

    Raises ClickHouseError 62 where it has more than MAX_TAGS kinds of `$tag$`.
    """
    at, tags = 0, _Tags(sql)
    while found := _LEXER.match(sql, at):
        kind, text, at = found.lastgroup, found[0], found.end()
        if kind in ("space", "comment"):
            continue
        if kind == "heredoc":
            end = tags.closing(text, at)
            if end is None:  # a name with dollars, or nothing that the engine knows
                kind, text, at = "sign", "$", found.start() + 1
            else:
                kind, text, at = "string", sql[at:end], end + len(text)
        elif kind in ("string", "quoted"):
            text = _unquote(text)
        yield Token(kind, text, found.start(), at)  # type: ignore[arg-type]  # the regex's group names


class _Tags:
    """Where each `$tag$` stands. Of few kinds: the engine looks for each anew, which may take minutes."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._places: dict[str, list[int]] | None = None

    def closing(self, tag: str, start: int) -> int | None:
        """The first place of `tag` at or behind `start`."""
        if self._places is None:
            self._places = {}
            for found in _TAG.finditer(self._sql):
                self._places.setdefault(found[1], []).append(found.start())
                if len(self._places) > MAX_TAGS:
                    raise ClickHouseError(62, "SYNTAX_ERROR", f"More than {MAX_TAGS} kinds of $tag$.")
        places = self._places.get(tag, [])
        at = bisect_left(places, start)
        return places[at] if at < len(places) else None


def _unquote(text: str) -> str:
    if text[0] in "xXbB":
        return text[2:-1]
    if text.startswith("\xe2"):
        return text[3:-3]
    quote = text[0]
    inner = text[1:-1].replace(quote * 2, quote)
    return _ESCAPE.sub(_unescape, inner)


def _unescape(found: re.Match[str]) -> str:
    said = found[1]
    return chr(int(said[1:], 16)) if len(said) == 3 else _CONTROLS.get(said, said)
