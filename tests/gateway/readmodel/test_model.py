"""A hotel that came from the agents' snapshots is the one that was folded from their facts."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.readmodel import alerts, notifications, rooms, services, staff
from gateway.readmodel.hotel import Hotel
from gateway.readmodel.model import ReadModel
from schemas.facts import said
from schemas.topics import entity_key
from streams.agents import catalogue
from streams.rules.shelf import unpacked
from tests.schemas.facts import ALERTS, NOTIFICATIONS, ROOMS, SERVICES, STAFF

FOLDS: dict[str, Any] = {
    "rooms": rooms.apply,
    "services": services.apply,
    "staff": staff.apply,
    "notifications": notifications.apply,
    "alerts": lambda hotel, fact, offset: alerts.apply(hotel, fact, offset, "ann"),
}


def _entities(hotel: Hotel) -> tuple[Any, ...]:
    bells = {user: bell for user, bell in hotel.notifications.items() if bell}
    return (
        hotel.house,
        hotel.rooms,
        hotel.reservations,
        hotel.requests,
        hotel.shifts,
        hotel.alerts,
        hotel.announcements,
        bells,
    )


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "rooms": ROOMS,
            "services": SERVICES,
            "staff": STAFF,
            "alerts": ALERTS,
            "notifications": NOTIFICATIONS,
        }
    ),
    st.integers(0, 12),
)
def test_a_restored_hotel_goes_on_like_one_that_was_folded(given: dict[str, list[Any]], at: int) -> None:
    folded, model = Hotel("h"), ReadModel()
    for agent, facts in given.items():
        state = catalogue.decider(agent).rules()
        for fact in facts[:at]:
            found = said(fact)
            assert found is not None
            state.apply(*found, fact.occurred_at, "ann")
        written = {
            kind: {own: unpacked(body) for own, body in bodies.items()}
            for kind, bodies in state.entities().items()
        }
        model.restore("h", written, at - 1)
        for offset, fact in enumerate(facts):
            FOLDS[agent](folded, fact, offset)
            if offset >= at:
                FOLDS[agent](model.of("h"), fact, offset)
    assert _entities(model.of("h")) == _entities(folded)


def test_a_restored_entity_is_of_the_snapshots_version() -> None:
    model, state = ReadModel(), catalogue.decider("rooms").rules()
    model.restore("h", state.entities() | {"room": {"101": None}}, 7)
    assert model.of("h").versions == {("room", "101"): 7}


def test_a_tombstone_of_people_or_settings_takes_away() -> None:
    model = ReadModel()
    model.of("h").items["towels"] = None  # type: ignore[assignment]  # it is only there or not
    for key in (None, b"nonsense", b"other/item/towels", entity_key("h", "unknown", "towels")):
        model.gone(key)
    assert "towels" in model.of("h").items
    model.gone(entity_key("h", "item", "towels"))
    assert "towels" not in model.of("h").items
