"""A file's own reference against the views: what is equal, what is not, what is missing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.bench import reference
from infra.runtime.settings import Settings

FILE = Path(__file__).parents[2] / "data" / "bookings_city.csv.gz"


def test_a_file_without_one_has_nothing_to_compare(tmp_path: Path) -> None:
    assert reference.said(tmp_path / "b.csv") == {}
    assert reference.wrong(Settings(), "h", tmp_path / "b.csv") == ([], 0)


def test_the_city_file_says_its_statuses_stays_days_and_months() -> None:
    said = reference.said(FILE)
    assert (said["status Check-Out"], said["overnight stays"]) == (46_228, 45_920)
    assert said["2015-07-02 room_revenue"] == Decimal("6238.67")
    assert len(said) == 5 + 800 * 11 + 27 * 5


class Views:
    """The views of a hotel that had one night."""

    def query(self, sql: str, parameters: dict[str, str]) -> Any:
        assert parameters == {"p": "h"}
        rows: dict[str, list[tuple[Any, ...]]] = {
            "v_reservations": [("checked_out", 2)],
            "v_stays": [(1, 1)],
            "v_occupancy_monthly": [("2015-07-01", "10.50", 31, 1, 0, 1)],
            "v_occupancy_daily": [("2015-07-02", "10.50", 1, 0, 2, 1, 1, 1, 0, 1, 0, 3)],
        }
        return SimpleNamespace(result_rows=rows[sql.split(" FROM ")[1].split()[0]])


def test_views_are_read_by_the_same_names() -> None:
    found = reference.held(Views(), "h")
    assert (found["status Check-Out"], found["day use stays"], found["2015-07 days"]) == (2, 1, 31)
    assert (found["2015-07-02 guests_in_house"], found["2015-07 room_revenue"]) == (2, Decimal("10.50"))
    assert found.keys() <= reference.said(FILE).keys()


def test_what_differs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        reference, "said", lambda _: {"day use stays": 1, "overnight stays": 7, "x": 0, "y": 1}
    )
    monkeypatch.setattr(reference, "held", lambda *_: {"day use stays": 1, "overnight stays": 6})
    monkeypatch.setattr("clickhouse_connect.get_client", lambda **_: SimpleNamespace(close=list))
    wrong, looked_at = reference.wrong(Settings(), "h", FILE)
    assert (wrong, looked_at) == (["overnight stays is 6, not 7", "y is None, not 1"], 4)
