"""What people get wrong and take back: who is checked in too soon, a minibar nobody touched. Pure."""

from __future__ import annotations

from functools import partial
from typing import Any

from infra.simulator.step import MANAGER, Actor
from infra.simulator.world import Stay, World

TOO_SOON, NOT_TAKEN = 0.03, 0.15


def check_in(house: World, desk: Actor, stay: Stay, at: float) -> None:
    """The desk checks in; of some it was the wrong moment, and a minute later they really come."""
    body = {"reservation_id": stay.reservation_id, "room_id": stay.room_id}
    house.say(at, desk, "rooms.check_in", body)
    if house.chance(TOO_SOON):
        house.later(at + 40, partial(_reverses, house, desk, body))


def _reverses(house: World, desk: Actor, body: dict[str, Any], at: float) -> None:
    own = {"reservation_id": body["reservation_id"], "reason": "Not here yet."}
    house.say(at, desk, "rooms.reverse_check_in", own)
    house.say_later(at + 30, desk, "rooms.check_in", body)


def minibar(house: World, desk: Actor, stay: Stay, at: float) -> None:
    """It goes on the bill; some say that they took nothing, and the manager believes them."""
    amount = f"{house.rng.randint(4, 48)}.{house.rng.choice(['00', '50', '90'])}"
    charge = {"reservation_id": stay.reservation_id, "kind": "minibar", "amount": amount, "text": "Minibar"}
    own = house.say(at, desk, "rooms.post_charge", charge)
    if house.chance(NOT_TAKEN):
        void = {"reservation_id": stay.reservation_id, "charge_id": own, "reason": "Not taken."}
        house.say_later(at + 300, MANAGER, "rooms.void_charge", void)
