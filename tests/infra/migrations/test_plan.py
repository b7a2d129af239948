from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.migrations.files import Migration
from infra.migrations.plan import Applied, pending, status
from infra.runtime.problems import Problem

AT = datetime(2026, 1, 2, tzinfo=UTC)
FILES = tuple(Migration(number, f"000{number}_make_x", f"sum{number}", "SELECT 1") for number in (1, 2, 3))


def applied(*numbers: int) -> list[Applied]:
    return [Applied(number, f"000{number}_make_x", f"sum{number}", AT) for number in numbers]


def test_what_is_new_is_pending() -> None:
    assert pending(FILES, applied(1)) == FILES[1:]
    assert pending(FILES, applied(1, 2, 3)) == ()
    assert [row.state for row in status(FILES, applied(1))] == ["applied", "pending", "pending"]


def test_a_changed_one_is_refused() -> None:
    rows = [Applied(1, "0001_make_x", "other", AT)]
    assert status(FILES, rows)[0].state == "changed"
    with pytest.raises(Problem, match="0001_make_x was changed after it was applied on 2026-01-02"):
        pending(FILES, rows)


def test_a_missing_one_is_refused() -> None:
    assert status(FILES[:1], applied(1, 2))[1].state == "missing"
    with pytest.raises(Problem, match="its file is missing"):
        pending(FILES[:1], applied(1, 2))


def test_one_that_comes_too_late_is_refused() -> None:
    with pytest.raises(Problem, match="0002_make_x is not applied although 0003"):
        pending(FILES, applied(1, 3))
