"""Cursors become offsets; what has no place on the log is nobody's business; verdicts are counted."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from gateway.cursor import INDEX, START, BadCursor, Cursors, moved
from infra.auditor.audit import Audit
from infra.auditor.hearing import Hearing, noted
from infra.auditor.ledger import Found, Said, Verdict

KEYS = Cursors("a" * 32)


def cursor(hotel: str, **offsets: int) -> str:
    vector = START
    for topic, offset in offsets.items():
        vector = moved(vector, INDEX[topic], (offset, 0))
    return KEYS.encode(hotel, vector)


def hearing() -> Hearing:
    own = Hearing(Audit(0), KEYS, lambda _: {})
    own.audit.enter("c", "http://g")
    own.audit.watch("c", "ops:h", {})
    return own


def heard(own: Hearing) -> int:
    return own.audit.report(1, 1, 0).findings[-1].heard


def test_a_place_is_an_offset_of_each_topic() -> None:
    assert hearing().vector("h", cursor("h", rooms=7, alerts=2)) == {
        "rooms": 7, "services": 0, "staff": 0, "alerts": 2,
    }  # fmt: skip
    for other in (cursor("other"), "nonsense"):
        with pytest.raises(BadCursor):
            hearing().vector("h", other)


def test_only_what_has_a_place_on_the_log_is_held_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.auditor.hearing.now_ms", lambda: 0)
    own = hearing()
    own.joined("c", "ops:h", "nonsense")
    own.audit.said("ops:h", Said("staff_online", "p", "staff", 4, 0, 0), 0)
    own.heard("c", "ops:h", "staff_online", "p", "cur", {"offset": 4})
    assert heard(own) == 0, "it has not joined"
    own.joined("c", "ops:h", cursor("h", staff=3))
    own.heard("c", "ops:h", "staff_online", "p", None, {"offset": 4})  # presence
    own.heard("c", "ops:h", "staff_online", "p", "cur", {})
    own.heard("c", "ops:h", "occupancy_updated", "p", "cur", {"offset": 4})
    assert heard(own) == 0
    own.heard("c", "ops:h", "staff_online", "p", "cur", {"offset": 4})
    assert heard(own) == 1


@pytest.mark.parametrize(
    ("verdict", "metric", "labels"),
    [
        ("heard", "events", {"type": "x"}),
        ("lost", "faults", {"fault": "lost"}),
        ("doubled", "faults", {"fault": "doubled"}),
        ("reset", "blind", {"why": "reset"}),
        ("unjudged", "blind", {"why": "unjudged"}),
        ("late", "late", {}),
    ],
)
def test_verdicts_are_counted(verdict: Verdict, metric: str, labels: dict[str, str]) -> None:
    def value() -> float:
        return REGISTRY.get_sample_value(f"concierge_audit_{metric}_total", labels) or 0.0

    before = value()
    noted([("c", "ops:h", Found(verdict, "x", "e"))])
    assert value() == before + 1
