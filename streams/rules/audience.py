"""Who may be told: the people, shifts, stays, requests and settings of a hotel that notifications look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.facts import said
from schemas.record import Record
from schemas.records import alerts, services
from schemas.records.notifications import Category, Channel
from schemas.records.people import PeopleRecord, Person
from schemas.records.rooms import RoomsAnswer
from schemas.records.settings import Retention, SettingsRecord
from schemas.records.staff import ShiftState, ShiftWords, StaffAnswer, StaffFact
from schemas.shifts import take
from streams.rules.stays import Stays

CHANNELS: tuple[Channel, ...] = ("bell", "push")
# Who runs when somebody needs help; where none of them is on shift, everybody on shift is told.
RESPONDERS = ("security", "front_desk", "maintenance")
MANAGERS = ("manager", "admin")
DAY_MS = 24 * 60 * 60 * 1000


@dataclass(slots=True)
class Audience:
    """One hotel's context. Not folded from answers: what a decision saw of it is in its `why`."""

    people: dict[str, Person] = field(default_factory=dict)
    switches: dict[str, dict[tuple[Category, Channel], bool]] = field(default_factory=dict)
    shifts: dict[str, ShiftState] = field(default_factory=dict)
    shift_words: dict[str, ShiftWords] = field(default_factory=dict)
    requests: dict[str, services.ServiceRequested] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    stays: Stays = field(default_factory=Stays)

    def take(self, record: Record) -> None:
        """Fold one record of a followed topic. Facts newer than this reader are passed over."""
        match record:
            case PeopleRecord():
                self.person(record)
            case SettingsRecord():
                self.settings(record)
            case StaffAnswer():
                for shift_fact in record.facts:
                    self.shift(shift_fact)
            case RoomsAnswer():
                for room_fact in record.facts:
                    self.stays.take(room_fact)
            case services.ServicesAnswer() | alerts.AlertsAnswer():
                for fact in record.facts:
                    if found := said(fact):
                        self.fact(found[1])
            case _:  # nothing else is followed
                pass

    def forget(self, kind: str, name: str) -> None:
        """A person was erased, or a record of `settings` taken back."""
        match kind:
            case "person":
                self.people.pop(name, None)
            case "preferences":
                self.switches.pop(name, None)
            case "retention":
                self.retention = Retention()
            case _:  # nothing else is kept here
                pass

    def fact(self, body: Record) -> None:
        """Learn from one fact of services or alerts. Twice the same changes nothing."""
        self.request(body)
        self.alert(body)

    def person(self, record: PeopleRecord) -> None:
        """Learn a person or their switches; subscriptions are push's business."""
        if record.person is not None:
            self.people[record.id] = record.person
        elif record.preferences is not None:
            switches = record.preferences.switches
            self.switches[record.id] = {(one.category, one.channel): one.on for one in switches}

    def settings(self, record: SettingsRecord) -> None:
        """Learn the retention per category."""
        if record.retention is not None:
            self.retention = record.retention

    def shift(self, fact: StaffFact) -> None:
        """Learn who is on duty from a fact of `staff`."""
        take(self.shifts, self.shift_words, fact)

    def request(self, body: Record) -> None:
        """Remember what a request is about, until nothing more will be said of it."""
        match body:
            case services.ServiceRequested():
                self.requests[body.request_id] = body
            case services.ServiceCancelled():
                self.requests.pop(body.request_id, None)
            case _:  # steps change nothing of what it is about
                pass

    def alert(self, body: Record) -> None:
        """Remember where an emergency is, until it is over."""
        match body:
            case alerts.EmergencyRaised():
                self.locations[body.alert_id] = body.location
            case alerts.EmergencyResolved():
                self.locations.pop(body.alert_id, None)
            case _:
                pass

    def channels(self, user_id: str, category: Category) -> list[Channel]:
        """By which channels the person wants this category. Emergencies bypass every switch."""
        if category == "emergency":
            return list(CHANNELS)
        switches = self.switches.get(user_id, {})
        return [one for one in CHANNELS if switches.get((category, one), True)]

    def keep_ms(self, category: Category) -> int:
        """How long a notification of this category is kept."""
        days: int = getattr(self.retention, f"{category}_days")
        return days * DAY_MS

    def responders(self) -> list[str]:
        """Who is told of an emergency: responders on shift, else everybody on shift; and the managers."""
        # A break ends no duty in an emergency.
        on_duty = [one for one in self.shifts.values() if one.ended_at is None]
        found = [one.staff_id for one in on_duty if one.department in RESPONDERS]
        found = found or [one.staff_id for one in on_duty]
        return sorted({*found, *(one for one, p in self.people.items() if p.role in MANAGERS)})

    def house(self, staff_only: bool) -> list[str]:
        """Everybody an announcement concerns: who works here, and guests but those whose stay is not on."""
        team = [one for one, person in self.people.items() if person.role in ("staff", *MANAGERS)]
        if staff_only:
            return sorted(team)
        guests = [one for one, person in self.people.items() if person.role == "guest"]
        return sorted([*team, *(one for one in guests if not self.stays.away(one))])
