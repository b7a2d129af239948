from __future__ import annotations

import pytest

from infra.engines.warehouse.errors import ClickHouseError, from_engine


@pytest.mark.parametrize(
    ("text", "code", "name", "status"),
    [
        ("Code: 60. DB::Exception: Unknown table x. (UNKNOWN_TABLE)", 60, "UNKNOWN_TABLE", 404),
        (
            "Streaming query failed: Code: 159. DB::Exception: Slow. (TIMEOUT_EXCEEDED) (version 26.9.2.1)",
            159,
            "TIMEOUT_EXCEEDED",
            408,
        ),
        ("Code: 241. DB::Exception: Memory. (MEMORY_LIMIT_EXCEEDED)", 241, "MEMORY_LIMIT_EXCEEDED", 500),
        ("what?", 1002, "UNKNOWN_EXCEPTION", 500),
    ],
)
def test_the_engines_words(text: str, code: int, name: str, status: int) -> None:
    problem = from_engine(RuntimeError(text))
    assert (problem.code, problem.name, problem.status) == (code, name, status)


def test_a_report_reads_like_a_servers() -> None:
    report = ClickHouseError(62, "SYNTAX_ERROR", "No.").report("26.9")
    assert report == "Code: 62. DB::Exception: No. (SYNTAX_ERROR) (version 26.9)\n"
