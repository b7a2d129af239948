"""Words of one thing, by time, whenever each was heard."""

from __future__ import annotations

import itertools
from typing import Any

from schemas import words
from schemas.records.services import ServiceAssigned, ServiceCancelled, ServicesFact


def _fact(at: int, **body: Any) -> ServicesFact:
    return ServicesFact(fact_id="f", occurred_at=at, **body)


SAID = [
    _fact(1, cancelled=ServiceCancelled(request_id="r")),
    _fact(1, assigned=ServiceAssigned(request_id="r", staff_id="bob")),
    _fact(1, assigned=ServiceAssigned(request_id="r", staff_id="ann")),
    _fact(0, cancelled=ServiceCancelled(request_id="r")),
]


def test_they_lie_by_time_then_kind_then_content() -> None:
    ends = []
    for order in itertools.permutations(SAID):
        known: list[ServicesFact] = []
        for fact in order:
            assert not words.holds(known, fact)
            known = words.added(known, fact)
            assert words.holds(known, fact)
        ends.append(known)
    assert ends == [[SAID[3], SAID[2], SAID[1], SAID[0]]] * len(ends)
