"""Intake: facts in batches the log takes; the same ones are the same records. The way to Kafka: test_flow."""

from __future__ import annotations

from typing import Any

from gateway.rest import facts
from gateway.rest.facts import Intake, batches, read
from infra.runtime.watchdog import values
from schemas.codec import encode
from schemas.ids import new_id, source_id
from schemas.records.rooms import RoomsIntake
from tests.gateway.rest.conftest import ADMIN, MANAGER, House


def fact(own: str, room: str = "101") -> dict[str, Any]:
    status = {"room_id": room, "dimension": "housekeeping", "value": "dirty"}
    return {"source_event_id": own, "occurred_at": 1, "room_status_changed": status}


def intake(*said: dict[str, Any]) -> Intake:
    return Intake(id="b", property_id="h", topic="rooms", source_system="pms", facts=list(said))


def test_what_cannot_be_is_named_and_the_rest_is_taken() -> None:
    two = fact("x") | {"checked_in": {"reservation_id": "r"}}
    taken, bad = read(intake(fact("a"), {}, fact("b") | {"occurred_at": "x"}, two), RoomsIntake)
    assert ([one.fact_id for one in taken], [one.index for one in bad]) == (
        [source_id("h", "pms", "a")], [1, 2, 3],
    )  # fmt: skip
    assert all(one.message for one in bad)


def test_batches_are_small_in_order_and_the_same_for_the_same_facts() -> None:
    body = intake(*(fact(f"e{n}", f"room-{n}" + "x" * 150) for n in range(2_500)))
    taken, bad = read(body, RoomsIntake)
    made = batches(body, RoomsIntake, "me", taken)
    assert not bad
    assert len(made) > 1
    assert all(len(encode(one)) <= facts.MAX_BATCH_BYTES for one in made)
    assert [f.fact_id for one in made for f in getattr(one, "facts")] == [f.fact_id for f in taken]  # noqa: B009  # every intake record has facts
    assert made == batches(body, RoomsIntake, "me", taken)
    assert len({one.batch_id for one in made}) == len(made)


async def test_only_admins_of_that_hotel_bring_facts(house: House) -> None:
    body: dict[str, Any] = {
        "id": "b", "property_id": house.own, "topic": "rooms", "source_system": "pms", "facts": [fact("a")],
    }  # fmt: skip
    path = "/api/facts"
    assert await house.refused(MANAGER, "POST", path, json=body) == (403, "forbidden")
    foreign = body | {"property_id": "other"}
    assert await house.refused(ADMIN, "POST", path, json=foreign) == (403, "forbidden")
    assert await house.refused(ADMIN, "POST", path, json=body | {"facts": []}) == (400, "invalid")
    assert await house.refused(ADMIN, "POST", path, json=body | {"id": "a/b"}) == (400, "bad_id")


async def test_a_fact_that_is_not_taken_is_a_dead_letter_that_is_counted(house: House) -> None:
    def counted() -> float:
        return values("concierge_dead_letters_total").get("facts", 0.0)

    before = counted()
    body = {"id": new_id(), "property_id": house.own, "topic": "rooms", "source_system": "pms", "facts": [{}]}
    said = (await house.ask(ADMIN, "POST", "/api/facts", json=body)).json()
    assert (said["taken"], len(said["invalid"])) == (0, 1)
    assert counted() == before + 1
