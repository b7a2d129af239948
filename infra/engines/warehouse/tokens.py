"""ClickHouse SQL cut into tokens: enough to find clauses, and to see through quotes and comments.

Text is UTF-8 bytes decoded as latin-1, so that a position is a byte's place even when binary data follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "quoted", "string", "number", "sign"]

# The engine's lexer takes typographic quotes as quotes too; these are their UTF-8 bytes.
_OPEN1, _CLOSE1, _OPEN2, _CLOSE2 = "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d"
_LEXER = re.compile(
    rf"""
    (?P<space>(?:\s|\xc2\xa0|\xe3\x80\x80|\xe2\x80[\x80-\x8b\xaf]|\xe2\x81\x9f|\xef\xbb\xbf)+)
  | (?P<comment>--[^\n]*|\#[ !][^\n]*|/\*.*?(?:\*/|\Z))
  | (?P<heredoc>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
  | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
  | (?P<number>[0-9][A-Za-z0-9_]*)
  | (?P<string>'(?:[^'\\]|\\.|'')*(?:'|\Z)|{_OPEN1}.*?(?:{_CLOSE1}|\Z))
  | (?P<quoted>`(?:[^`\\]|\\.|``)*(?:`|\Z)|"(?:[^"\\]|\\.|"")*(?:"|\Z)|{_OPEN2}.*?(?:{_CLOSE2}|\Z))
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


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
    """The tokens of latin-1 `sql`, one after the other, without space and comments."""
    for found in _LEXER.finditer(sql):
        kind = found.lastgroup
        if kind == "tag":
            kind = "heredoc"
        if kind in ("space", "comment"):
            continue
        text = found[0]
        if kind == "heredoc":
            kind, text = "string", text.split("$", 2)[2].rsplit("$", 2)[0]
        elif kind in ("string", "quoted"):
            text = _unquote(text)
        yield Token(kind, text, found.start(), found.end())  # type: ignore[arg-type]  # the regex's group names


def _unquote(text: str) -> str:
    if text.startswith("\xe2"):
        return text[3:-3]
    quote = text[0]
    inner = text[1:-1].replace(quote * 2, quote)
    return _ESCAPE.sub(_unescape, inner)


def _unescape(found: re.Match[str]) -> str:
    said = found[1]
    return chr(int(said[1:], 16)) if len(said) == 3 else _CONTROLS.get(said, said)
