"""What staff did twice: by the folder and by counting."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from infra.oracle.folds.performance import Plain
from schemas.records.services import ServicesFact
from streams.rules.performance import Fold
from tests.infra.oracle.folds.alike import assert_alike
from tests.schemas.facts import SERVICES, STAFF
from tests.streams.rules.test_performance import WORK


@given(SERVICES, STAFF)
def test_the_folder_says_what_is_counted(services: list[Any], staff: list[Any]) -> None:
    assert_alike(Fold("h"), Plain(), [*services[:6], *staff, *services[6:]])


def test_one_request() -> None:
    names = ("requested", "assigned", "accepted", "completed", "rated")
    facts = [
        ServicesFact(fact_id=name, occurred_at=at, **{name: body})  # type: ignore[arg-type]  # each its own
        for name, (at, body) in zip(names, WORK, strict=True)
    ]
    (member,) = assert_alike(Fold("h"), Plain(), facts).values()
    assert (member["response_ms"], member["resolution_ms"], member["rating_sum"]) == (20, 100, 4)
