"""What a simulated hotel is made of: rooms, zones, catalogue, staff. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ROOMS_PER_FLOOR = 20
DEPARTMENTS = ("housekeeping", "maintenance", "front_desk", "room_service", "concierge", "security")
# Names a person meets in the demo; with the surnames moved on there are 144 before one comes again.
NAMES = (
    "Ana Silva",
    "Ben Okafor",
    "Chiara Rossi",
    "Deniz Kaya",
    "Eva Novak",
    "Farid Haddad",
    "Grace Lee",
    "Hugo Martin",
    "Ines Costa",
    "Jonas Weber",
    "Keiko Mori",
    "Liam Byrne",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the catalogue; promises in seconds, work in credits, `weight` its share of requests.

    Asked for from `from_hour` to `to_hour` (exclusive, over midnight where it is the smaller one); `price`:
    what goes on the bill, "" nothing.
    """

    item: str
    name: str
    department: str
    priority: int
    credits: float
    accept_within_s: int
    resolve_within_s: int
    weight: int
    from_hour: int
    to_hour: int
    price: str = ""

    def asked_at(self, hour: int) -> bool:
        """Whether somebody would ask for it at this hour."""
        if self.from_hour < self.to_hour:
            return self.from_hour <= hour < self.to_hour
        return hour >= self.from_hour or hour < self.to_hour


CATALOGUE = (
    Item("towels", "Fresh towels", "housekeeping", 3, 0.25, 600, 1800, 9, 7, 23),
    Item("clean_room", "Clean my room", "housekeeping", 3, 1.0, 900, 3600, 5, 9, 16),
    Item("pillow", "Extra pillow", "housekeeping", 4, 0.25, 900, 2400, 4, 19, 2),
    Item("air_conditioning", "Air conditioning does not work", "maintenance", 2, 1.0, 600, 3600, 3, 0, 24),
    Item("light_bulb", "A light is broken", "maintenance", 3, 0.5, 1200, 5400, 2, 7, 23),
    Item("breakfast", "Breakfast in the room", "room_service", 2, 0.5, 300, 2400, 6, 6, 11, "18.50"),
    Item("dinner", "Dinner in the room", "room_service", 2, 0.5, 300, 3000, 5, 18, 23, "34.00"),
    Item("late_check_out", "Late check-out", "front_desk", 3, 0.25, 600, 1800, 2, 7, 12),
    Item("luggage", "Help with luggage", "concierge", 3, 0.5, 600, 1500, 4, 6, 22),
    Item("taxi", "Order a taxi", "concierge", 2, 0.25, 300, 900, 4, 0, 24),
    Item("noise", "Noise next door", "security", 1, 0.5, 180, 1200, 1, 21, 5),
)


@dataclass(frozen=True, slots=True)
class Room:
    """One room: `101` is the first of floor 1; a zone is a floor."""

    room_id: str
    room_type: str
    floor: int
    zone_id: str


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff and the hours (local, start inclusive) of their shift."""

    staff_id: str
    name: str
    department: str
    starts_hour: int
    hours: int


@dataclass(frozen=True, slots=True)
class Hotel:
    """One hotel as the simulator knows it."""

    property_id: str
    name: str
    time_zone: str
    currency: str
    rooms: tuple[Room, ...]
    staff: tuple[Member, ...]


def hotel(number: int, rooms: int) -> Hotel:
    """The n-th hotel (from 0) with `rooms` rooms: the first is the demo's `harbour`."""
    built = []
    for index in range(rooms):
        floor, door = index // ROOMS_PER_FLOOR + 1, index % ROOMS_PER_FLOOR + 1
        room_type = "suite" if door > 17 else "twin" if door % 3 == 0 else "double"
        built.append(Room(f"{floor}{door:02d}", room_type, floor, f"floor-{floor}"))
    return Hotel(
        property_id="harbour" if number == 0 else f"h{number + 1}",
        name="Harbour Hotel" if number == 0 else f"Hotel {number + 1}",
        time_zone="Europe/Lisbon",
        currency="EUR",
        rooms=tuple(built),
        staff=_staff(rooms),
    )


def _staff(rooms: int) -> tuple[Member, ...]:
    members: list[Member] = []
    for department in DEPARTMENTS:
        heads = max(1, rooms // 40) + (1 if department in ("housekeeping", "room_service") else 0)
        for starts_hour, hours in ((6, 9), (14, 9), (22, 9)):
            for _ in range(heads):
                name = _name(len(members))
                number = sum(m.department == department for m in members) + 1
                members.append(Member(f"staff-{department}-{number}", name, department, starts_hour, hours))
    return tuple(members)


def _name(number: int) -> str:
    turn, place = divmod(number, len(NAMES))
    first, last = NAMES[place].split(), NAMES[(place + turn) % len(NAMES)].split()
    return f"{first[0]} {last[1]}"
