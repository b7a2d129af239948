from __future__ import annotations

import pytest

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.tokens import tokenize


def texts(sql: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(sql.encode().decode("latin-1"))]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a/* file( */b", [("word", "a"), ("word", "b")]),
        ("a -- x\nb", [("word", "a"), ("word", "b")]),
        ("a # x\nb", [("word", "a"), ("word", "b")]),
        ("a // it's\nb", [("word", "a"), ("word", "b")]),
        ("$a$ $b$ $a$ b", [("string", " $b$ "), ("word", "b")]),
        ("$a $$ b", [("sign", "$"), ("word", "a"), ("sign", "$"), ("sign", "$"), ("word", "b")]),
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


def test_a_text_that_takes_minutes_to_cut_is_refused() -> None:
    with pytest.raises(ClickHouseError) as refused:
        list(tokenize(" ".join(f"$a{number}$" for number in range(30_000))))
    assert refused.value.code == 62
    assert len(list(tokenize("'" + "$a$$b$" * 1000 + "'"))) == 1


def test_positions_are_bytes() -> None:
    raw = "'é' x".encode()
    assert raw[list(tokenize(raw.decode("latin-1")))[1].start :] == b"x"
