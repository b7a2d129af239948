"""An answer that never comes is said; the waits themselves are measured in test_decide.py."""

from __future__ import annotations

import pytest

from infra.bench import waiting
from infra.runtime.problems import Problem


async def test_an_answer_that_never_comes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "GIVE_UP_SECONDS", 0.01)
    with pytest.raises(Problem, match="No answer to a command"):
        await waiting._answer({}, "c1")
