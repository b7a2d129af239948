"""Revenue twice: by the folder and by counting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given

from infra.oracle.folds.revenue import Plain
from schemas.records.rooms import RoomsFact
from streams.rules.revenue import Fold
from tests.infra.oracle.folds.alike import assert_alike
from tests.schemas.facts import ROOMS
from tests.streams.rules.test_revenue import DAY, charge, made


@given(ROOMS)
def test_the_folder_says_what_is_counted(facts: list[Any]) -> None:
    assert_alike(Fold("h"), Plain(), facts)


def test_a_night_is_sold_once_however_it_is_corrected() -> None:
    bodies: list[dict[str, Any]] = [
        {"reservation_made": made("r")},
        {"charge_posted": charge("r", 1, 0, 100_10)},
        {"charge_posted": charge("r", 2, 0, -100_10)},
        {"charge_posted": charge("r", 3, 0, 90_05)},
        {"charge_posted": charge("r", 4, 0, 12_00, "minibar")},
    ]
    facts = [RoomsFact(fact_id=str(n), occurred_at=n, **body) for n, body in enumerate(bodies)]
    day = assert_alike(Fold("h"), Plain(), facts)[DAY.isoformat()]
    assert (day["room_revenue"], day["other_revenue"]) == (Decimal("90.05"), Decimal(12))
    assert (day["room_nights"], day["charges"]) == (1, 4)
