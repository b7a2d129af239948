"""A part that ends is said, with what it said last."""

from __future__ import annotations

import pytest

from infra.bench.alone import Alone
from infra.runtime.problems import Problem


def test_a_part_that_ends_is_a_problem_with_its_words(stand: Alone) -> None:
    process = stand.start("infra.part", "worker", "--agents", "no_such_agent")
    with pytest.raises(Problem, match="There is no agent 'no_such_agent'"):
        process.said(30)


def test_the_last_line_of_one_that_ends_well(stand: Alone) -> None:
    assert stand.start("infra.cli", "migrate", "--status", "--json").said(30).startswith("{")
