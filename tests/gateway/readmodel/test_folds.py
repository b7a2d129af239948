"""The read model and the agents fold the same facts to the same entities, whatever the facts are."""

from __future__ import annotations

from hypothesis import given

from gateway.readmodel import alerts as alerts_fold
from gateway.readmodel import notifications as notifications_fold
from gateway.readmodel import rooms as rooms_fold
from gateway.readmodel import services as services_fold
from gateway.readmodel import staff as staff_fold
from gateway.readmodel.hotel import Hotel
from schemas.facts import said
from schemas.record import Record
from schemas.records.alerts import AlertsFact
from schemas.records.base import FactHeader
from schemas.records.notifications import NotificationsFact
from schemas.records.rooms import RoomsFact
from schemas.records.services import ServicesFact
from schemas.records.staff import StaffFact
from streams.rules.alerts import Alerts
from streams.rules.notifications import Notifications
from streams.rules.rooms import House
from streams.rules.services import Services
from streams.rules.staff import Staff
from tests.schemas.facts import ALERTS, NOTIFICATIONS, ROOMS, SERVICES, STAFF


def body(fact: FactHeader) -> tuple[str, Record]:
    """(name, body): every fact made here has one."""
    found = said(fact)
    assert found is not None
    return found


@given(ROOMS)
def test_rooms(given_facts: list[RoomsFact]) -> None:
    hotel, house = Hotel("h"), House()
    for offset, fact in enumerate(given_facts):
        name = rooms_fold.apply(hotel, fact, offset)
        assert name == rooms_fold.apply(Hotel("replay"), fact, 0), "a replay names the same room"
        house.apply(*body(fact), fact.occurred_at, "anna")
        assert (hotel.rooms, hotel.reservations, hotel.house) == (
            house.rooms,
            dict(house.reservations),
            house.house,
        )


@given(SERVICES)
def test_services(given_facts: list[ServicesFact]) -> None:
    hotel, agent = Hotel("h"), Services()
    for offset, fact in enumerate(given_facts):
        services_fold.apply(hotel, fact, offset)
        agent.apply(*body(fact), fact.occurred_at, "anna")
        assert hotel.requests == agent.requests


@given(STAFF)
def test_staff(given_facts: list[StaffFact]) -> None:
    hotel, agent = Hotel("h"), Staff()
    for offset, fact in enumerate(given_facts):
        staff_fold.apply(hotel, fact, offset)
        agent.apply(*body(fact), fact.occurred_at, "anna")
        assert hotel.shifts == agent.shifts


@given(ALERTS)
def test_alerts(given_facts: list[AlertsFact]) -> None:
    hotel, agent = Hotel("h"), Alerts()
    for offset, fact in enumerate(given_facts):
        alerts_fold.apply(hotel, fact, offset, "anna")
        agent.apply(*body(fact), fact.occurred_at, "anna")
        assert (hotel.alerts, hotel.announcements) == (agent.alerts, agent.announcements)


@given(NOTIFICATIONS)
def test_notifications(given_facts: list[NotificationsFact]) -> None:
    hotel, agent = Hotel("h"), Notifications()
    for offset, fact in enumerate(given_facts):
        notifications_fold.apply(hotel, fact, offset)
        agent.apply(*body(fact), fact.occurred_at, "anna")
        assert hotel.notifications.get("ann", {}) == agent.by_id
