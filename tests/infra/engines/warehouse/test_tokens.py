from __future__ import annotations

import pytest

from infra.engines.warehouse.tokens import tokenize


def texts(sql: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(sql.encode().decode("latin-1"))]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a/* file( */b", [("word", "a"), ("word", "b")]),
        ("a -- x\nb", [("word", "a"), ("word", "b")]),
        ("a # x\nb", [("word", "a"), ("word", "b")]),
        ("'it''s' 'a\\'b'", [("string", "it's"), ("string", "a'b")]),
        ('`\\x66ile` "x""y"', [("quoted", "file"), ("quoted", 'x"y')]),
        ("$a$ it's $a$ b", [("string", " it's "), ("word", "b")]),
        ("“file”(‘x’)", [("quoted", "file"), ("sign", "("), ("string", "x"), ("sign", ")")]),
        ("1e5 x", [("number", "1e5"), ("word", "x")]),
        ("'open", [("string", "ope")]),
    ],
)
def test_quotes_and_comments(sql: str, expected: list[tuple[str, str]]) -> None:
    assert texts(sql) == expected


def test_positions_are_bytes() -> None:
    raw = "'é' x".encode()
    assert raw[list(tokenize(raw.decode("latin-1")))[1].start :] == b"x"
