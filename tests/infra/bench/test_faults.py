"""What the fault bench says of a report. Whole runs: `concierge bench faults`, and tests/faults in small."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.bench import faults
from infra.oracle.verify import Report


def test_what_it_says_of_a_report() -> None:
    tables = {
        "charges": {"rows": 3, "hash": "0", "lacks": 2, "surplus": 0, "unmerged": 5},
        "decisions": {"rows": 3, "hash": "0", "lacks": 1, "surplus": 4, "unmerged": 0},
        "chat_events": {"rows": 3, "hash": "0", "lacks": 0, "surplus": 0, "unmerged": 1},
    }
    report = Report(equal=False, tables=tables, wrong_answers=1, wrong_values=2, owed=5, behind=6)
    said = faults.figures(report, 10, 7, 1.26)
    assert (said["lost"], said["doubled"], said["differing_tables"], said["wrong"]) == (3, 4, 2, 3)
    assert said["unmerged"] == 6
    assert (said["kills"], said["seed"], said["unanswered"], said["unwritten"]) == (10, 7, 5, 6)


async def test_it_waits_as_long_as_something_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [5, 4, 4, 1, 0, 0]
    equal = iter([False] * 5 + [True])

    async def verify(*_: object) -> Report:
        return Report(equal=next(equal), owed=left.pop(0))

    monkeypatch.setattr(faults, "verify", verify)
    stack = SimpleNamespace(settings=None)
    assert (await faults.settled(cast("Any", stack), 60)).equal
    left, equal = [3, 3], iter([True, True])
    assert (await faults.settled(cast("Any", stack), 0.0)).owed == 3
