"""The live figures at a moment, counted in SQL from the facts, are what the oracle's plain folds count."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.oracle.folds import occupancy, performance, service_load
from schemas.facts import said
from schemas.ids import new_id
from schemas.records.base import AnswerHeader, FactHeader
from schemas.records.rooms import RoomsAnswer
from schemas.records.services import ServicesAnswer
from schemas.records.staff import StaffAnswer
from streams.sinks.place import Place
from streams.sinks.rows import COLUMNS
from streams.sinks.rows_facts import answer_rows
from tests.infra.migrations.hotel import Rows
from tests.infra.oracle.folds.test_occupancy import house
from tests.schemas.facts import ROOMS, SERVICES, STAFF
from tests.streams.sinks import stand

ANSWERS: dict[str, type[AnswerHeader]] = {
    "rooms": RoomsAnswer, "services": ServicesAnswer, "staff": StaffAnswer,
}  # fmt: skip
AS_OF = 100  # ms; the facts are of the twenty before
MOMENT = "as_of = '1970-01-01 00:00:00.100', known = now64()"
FEW = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))


def put(views: Any, hotels: dict[str, dict[str, list[Any]]]) -> None:
    """The facts of these hotels, by topic, in their tables."""
    tables: defaultdict[str, list[Any]] = defaultdict(list)
    for offset, (hotel, topics) in enumerate(hotels.items()):
        head = msgspec.structs.asdict(stand.answer(hotel, offset, []))
        for topic, facts in topics.items():
            answer = ANSWERS[topic](**{**head, "facts": facts})
            for table, row in answer_rows(Place(topic, 0, offset, AS_OF), answer, facts):
                tables[table].append(row)
    for table, rows in tables.items():
        views.insert(table, rows, column_names=COLUMNS[table])


def said_by(views: Any, view: str, own: str) -> dict[tuple[str, str], dict[str, Any]]:
    """(hotel, id) -> column -> value."""
    found = views.query(f"SELECT * FROM {view}({MOMENT})")
    rows = [dict(zip(found.column_names, row, strict=True)) for row in found.result_rows]
    return {(row["property_id"], row[own]): row for row in rows}


def taken(plain: Any, facts: list[FactHeader]) -> Any:
    """The plain fold after these facts."""
    for fact in facts:
        found = said(fact)
        assert found is not None
        plain.take(fact, found[1])
    return plain


@FEW
@given(st.lists(ROOMS, min_size=10, max_size=30))
def test_the_house(views: Any, cases: list[list[Any]]) -> None:
    hotels = {new_id(): {"rooms": facts} for facts in cases}
    put(views, hotels)
    rows = Rows(views)
    for hotel in hotels:
        rows.hotel(hotel, 5, "1970-01-01 00:00", zone="Europe/Lisbon")
    rows.write()
    found = said_by(views, "v_occupancy_live_at", "property_id")
    for hotel, topics in hotels.items():
        plain = occupancy.Plain()
        plain.settings(house("Europe/Lisbon", 5))
        wanted = taken(plain, topics["rooms"]).values(AS_OF)["live"]
        assert {name: found[hotel, hotel][name] for name in wanted} == wanted


@FEW
@given(st.lists(SERVICES, min_size=10, max_size=30))
def test_the_queue(views: Any, cases: list[list[Any]]) -> None:
    hotels = {new_id(): {"services": facts} for facts in cases}
    put(views, hotels)
    found = said_by(views, "v_service_load_at", "department")
    for hotel, topics in hotels.items():
        for department, wanted in taken(service_load.Plain(), topics["services"]).values(AS_OF).items():
            if wanted["oldest_open_at"] is not None:
                since = datetime.datetime.fromisoformat("1970-01-01") + datetime.timedelta(
                    milliseconds=wanted["oldest_open_at"]
                )
                wanted["oldest_open_at"] = since
            # Where every request was called off the fold keeps an empty department, and so does the view.
            assert {name: found[hotel, department][name] for name in wanted} == wanted


@FEW
@given(st.lists(st.tuples(SERVICES, STAFF), min_size=10, max_size=30))
def test_who_did_what(views: Any, cases: list[tuple[list[Any], list[Any]]]) -> None:
    hotels = {new_id(): {"services": work, "staff": shifts} for work, shifts in cases}
    put(views, hotels)
    found = said_by(views, "v_staff_performance_at", "staff_id")
    for hotel, topics in hotels.items():
        plain = taken(performance.Plain(), [*topics["services"], *topics["staff"]])
        for person, wanted in plain.values(AS_OF).items():
            if not any(wanted[name] for name in wanted if name not in ("department", "on_shift", "on_break")):
                continue  # who has only a shift: the shifts' own test
            counts = ("assigned", "accepted", "completed", "released", "ratings", "credits_done")
            row = found[hotel, person]
            assert {name: row[name] for name in counts} == {name: wanted[name] for name in counts}
            means = {"response_minutes": ("response_ms", "accepted"), "rating": ("rating_sum", "ratings")}
            for mean, (total, n) in means.items():
                scale = 60_000 if total.endswith("ms") else 1
                if wanted[n]:
                    assert abs(row[mean] * wanted[n] * scale - wanted[total]) < 1e-6
