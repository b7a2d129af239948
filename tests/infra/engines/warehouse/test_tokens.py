from __future__ import annotations

import json
import random

import pytest

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.tokens import tokenize
from tests.infra.engines.warehouse.conftest import Ask


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
        ("0=.5a", [("number", "0"), ("sign", "="), ("sign", "."), ("number", "5"), ("word", "a")]),
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


ATOMS = (
    *(
        "a",
        "format",
        "SELECT",
        "file",
        "e5",
        "x",
        "_",
        "1a",
        "0",
        "1",
        "1.",
        "1e",
        "1e5",
        "0x1F",
        ".5",
        "1_0",
    ),
    *("(", ")", "[", "{", "}", "'", '"', "`", "''", "``", '""', "\\", "\\'", "\\x66", "$", "$$", "$a$", "$a"),
    *("-", "--", "/", "//", "/*", "*/", "#", "# ", "#!", ".", ",", ";", ":", "::", "@", "@@", "?", "<=>"),
    *("‘", "’", "“", "”", "−", "é", "\u00a0", "\u2003", "\u3000", "\ufeff", "\n", "\r", "\t", "\x0b", " "),
)


NAMED = {"BareWord": "word", "QuotedIdentifier": "quoted", "StringLiteral": "string", "HereDoc": "string"}


def test_names_and_strings_are_where_the_engine_sees_them(ask: Ask) -> None:
    """Numbers may be cut otherwise here; no name and no string is missed."""
    chosen = random.Random(8)
    texts = ["".join(chosen.choices(ATOMS, k=chosen.randint(2, 9))).encode() for _ in range(3000)]
    listed = ",".join(f"'{text.hex()}'" for text in texts)
    answer = ask(
        f"SELECT tokenizeQuery(unhex(x)) FROM (SELECT arrayJoin([{listed}]) AS x) FORMAT JSONCompactEachRow"
    )
    assert answer.status == 200, answer.data
    for text, line in zip(texts, answer.data.splitlines(), strict=True):
        ours = {(token.start, token.end, token.kind) for token in tokenize(text.decode("latin-1"))}
        for found in json.loads(line)[0]:
            begin, until, kind = found.values()
            start, end = int(begin), int(until)
            if kind.startswith("Error"):
                break
            said = text[start:end]
            if kind not in NAMED or (kind == "BareWord" and said[:1] in b"0123456789$"):
                continue  # names that begin so are no functions, tables or settings
            assert (start, end, NAMED[kind]) in ours, text
