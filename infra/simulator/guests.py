"""What simulated guests want: requests, chats, now and then an emergency. Pure."""

from __future__ import annotations

from functools import partial

from infra.simulator import curves
from infra.simulator.curves import DAY_S, HOUR_S
from infra.simulator.layout import CATALOGUE, Item
from infra.simulator.step import MANAGER, guest_actor, member_actor
from infra.simulator.world import Stay, World

REQUESTS_PER_STAY_AND_DAY = 1.4
CHATS_PER_STAY_AND_DAY = 0.5
EMERGENCIES_PER_DAY = 0.3

QUESTIONS = (
    ("Hello, when is breakfast?", "Good day! Breakfast is from 7 to 10:30 on the first floor."),
    ("Could we leave at one tomorrow?", "Let me look... yes, 13:00 is fine."),
    ("What is the Wi-Fi password?", "It is on the card by the phone; I can also send someone up."),
    ("Is there parking nearby?", "Our garage has places; the entrance is around the corner."),
    ("Can you recommend a place for dinner?", "Of course: two streets down there is a lovely tavern."),
    ("Could you print our boarding passes?", "Gladly: send them to the desk, they will be ready in minutes."),
    ("Our key card does not work any more.", "I am sorry! We make you a new one at the desk right away."),
    ("May we leave our luggage after check-out?", "Of course, as long as you like, at no charge."),
)


def draw_day(house: World, at: float, midnight: float) -> None:
    """Draw the rest of a calendar day: how many of each, and when."""
    guests = len(house.stays)
    for per_stay, curve, event in (
        (REQUESTS_PER_STAY_AND_DAY, curves.REQUESTS, _requests),
        (CHATS_PER_STAY_AND_DAY, curves.CHATS, _chats),
    ):
        for _ in range(round(guests * per_stay)):
            when = midnight + curves.moment(curve, house.rng)
            if when > at:
                house.later(when, partial(event, house))
    if house.chance(EMERGENCIES_PER_DAY):
        when = midnight + house.rng.random() * DAY_S
        if when > at:
            house.later(when, partial(_emergency, house))
    breakfast = midnight + 6.5 * HOUR_S
    if breakfast > at:
        house.later(breakfast, partial(_announces, house))


def _somebody(house: World) -> Stay | None:
    return house.stays[house.rng.choice(sorted(house.stays))] if house.stays else None


def _requests(house: World, at: float) -> None:
    stay = _somebody(house)
    if stay is None:
        return
    offered = [entry for entry in CATALOGUE if entry.asked_at(house.hour(at))]
    item: Item = house.rng.choices(offered, [entry.weight for entry in offered])[0]
    guest = guest_actor(stay.room_id, stay.reservation_id, stay.guest_id)
    body = {"room_id": stay.room_id, "item": item.item, "guest_id": stay.guest_id}
    request_id = house.say(at, guest, "services.request", body)
    staff = house.duty(item.department)
    if not staff:
        return
    member = house.rng.choice(staff)
    actor = member_actor(house.hotel, member.staff_id)
    accept = max(at + house.rng.uniform(20, item.accept_within_s), house.busy_until.get(member.staff_id, 0))
    start = accept + house.rng.uniform(30, 300)
    done = start + house.rng.uniform(0.1, 0.6) * item.resolve_within_s
    house.busy_until[member.staff_id] = done
    for when, command in ((accept, "accept"), (start, "start"), (done, "complete")):
        house.say_later(when, actor, f"services.{command}", {"request_id": request_id})
    if item.price:
        charge = {"reservation_id": stay.reservation_id, "kind": "food", "amount": item.price}
        house.say_later(done + 60, actor, "rooms.post_charge", charge | {"text": item.name})
    if house.chance(0.4):
        rating = {
            "request_id": request_id,
            "score": house.rng.choices((5, 4, 3, 2, 1), (50, 30, 12, 5, 3))[0],
        }
        house.say_later(done + 120, guest, "services.rate", rating)


def _chats(house: World, at: float) -> None:
    stay, desk = _somebody(house), house.duty("front_desk")
    if stay is None or not desk:
        return
    guest = guest_actor(stay.room_id, stay.reservation_id, stay.guest_id)
    question, answer = house.rng.choice(QUESTIONS)
    opened = {"kind": "guest_department", "department": "front_desk", "subject": f"Room {stay.room_id}"}
    thread_id = house.say(at, guest, "chat.open", opened)
    house.say(at + 2, guest, "chat.send", {"thread_id": thread_id, "text": question})
    actor = member_actor(house.hotel, house.rng.choice(desk).staff_id)
    reply = {"thread_id": thread_id, "text": answer}
    house.say_later(at + house.rng.uniform(20, 200), actor, "chat.send", reply)
    thanks = {"thread_id": thread_id, "text": "Thank you!"}
    house.say_later(at + house.rng.uniform(220, 400), guest, "chat.send", thanks)


def _emergency(house: World, at: float) -> None:
    stay = _somebody(house)
    if stay is None:
        return
    kind = house.rng.choices(("medical", "security", "technical", "fire"), (5, 2, 2, 1))[0]
    # A simulated fire frightens nobody: it is a drill, which stays with the staff.
    body = {
        "kind": kind,
        "room_id": stay.room_id,
        "location": f"Room {stay.room_id}",
        "drill": kind == "fire",
    }
    alert_id = house.say(at, MANAGER, "alerts.raise_emergency", body)
    guard = house.duty("security")
    actor = member_actor(house.hotel, guard[0].staff_id) if guard else MANAGER
    for delay, command in ((45.0, "acknowledge"), (900.0, "resolve")):
        house.say_later(at + delay, actor, f"alerts.{command}", {"alert_id": alert_id})


def _announces(house: World, at: float) -> None:
    body = {"audience": "house", "title": "Good morning", "body": "Breakfast is served from 7 to 10:30."}
    house.say(at, MANAGER, "alerts.announce", body | {"shown_for_s": 3600})
