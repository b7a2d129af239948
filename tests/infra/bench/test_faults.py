"""What the fault bench says of a report. Whole runs: `concierge bench faults`, and tests/faults in small."""

from __future__ import annotations

from infra.bench import faults
from infra.oracle.verify import Report


def test_what_it_says_of_a_report() -> None:
    tables = {
        "charges": {"rows": 3, "hash": "0", "lacks": 2, "surplus": 0},
        "decisions": {"rows": 3, "hash": "0", "lacks": 1, "surplus": 4},
        "chat_events": {"rows": 3, "hash": "0", "lacks": 0, "surplus": 0},
    }
    report = Report(equal=False, tables=tables, wrong_answers=1, wrong_values=2, owed=5, behind=6)
    said = faults.figures(report, 10, 7, 1.26)
    assert (said["lost"], said["doubled"], said["differing_tables"], said["wrong"]) == (3, 4, 2, 3)
    assert (said["kills"], said["seed"], said["unanswered"], said["unwritten"]) == (10, 7, 5, 6)
