"""A crowd that finds nobody says so instead of waiting."""

from __future__ import annotations

import pytest

from infra.bench.audience import Audience
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem


async def test_where_nobody_listens_it_is_a_problem() -> None:
    with pytest.raises(Problem, match="did not open: the crowd is gone"):
        async with Audience("fastapi", free_row(), [("", 0)]):
            pass
