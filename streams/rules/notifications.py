"""What becomes a notification for whom, and what people and time make of it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from schemas.facts import said as named
from schemas.ids import derived_id
from schemas.record import Record
from schemas.records import alerts, services
from schemas.records import notifications as said
from schemas.records.base import Candidate, FactHeader
from streams.rules.audience import Audience
from streams.rules.deciding import Ask, Decision, Said, refuse

RULE = "notifications@2"
# One answer is one Kafka record of 4 MiB at most: 2,000 people and short texts stay far below it.
MAX_PEOPLE = 2_000
MAX_BODY = 200
# What one tick may clean up; the next tick is due at once.
MAX_EXPIRED = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell, before anybody's switches were looked at."""

    category: said.Category
    title: str
    body: str
    link: str
    people: list[str]


@dataclass(slots=True)
class Plan:
    """What shall be said of one input record, who was considered, and the sentence a person would say."""

    notified: list[tuple[int, said.Notified]] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


def message(body: Record, audience: Audience) -> Message | None:
    """What a fact of services or alerts means to somebody; null: nobody is to be told."""
    match body:
        case services.ServiceAssigned():
            return _of_request(body.request_id, "assignment", "New task", [body.staff_id], audience)
        case services.ServiceAccepted():
            return _of_request(body.request_id, "request", "Your request was accepted", None, audience)
        case services.ServiceCompleted():
            return _of_request(body.request_id, "request", "Your request is done", None, audience)
        case alerts.EmergencyRaised():
            drill = "Drill: " if body.drill else ""
            title = f"{drill}Emergency: {body.kind}, {body.location}"[:300]
            return Message("emergency", title, body.note, f"alert:{body.alert_id}", audience.responders())
        case alerts.EmergencyRealerted():
            title = f"Emergency, still nobody there (call {body.times + 1})"
            where = audience.locations.get(body.alert_id, "see the alert for the place")
            return Message("emergency", title, where, f"alert:{body.alert_id}", audience.responders())
        case alerts.Announced():
            people = audience.house(body.audience == "staff")
            link = f"announcement:{body.announcement_id}"
            return Message("announcement", body.title, body.body, link, people)
        case _:  # everything else is seen on the boards, not in the bell
            return None


def _of_request(
    request_id: str, category: said.Category, title: str, people: list[str] | None, audience: Audience
) -> Message | None:
    request = audience.requests.get(request_id)
    if people is None:
        people = [request.guest_id] if request is not None and request.guest_id is not None else []
    if not people:
        return None
    text = "" if request is None else f"{request.item}, room {request.room_id}"
    return Message(category, title, text, f"request:{request_id}", people)


def plan(facts: Iterable[tuple[FactHeader, Record]], audience: Audience) -> Plan | None:
    """Who is told what of one input's facts; null: it concerns nobody, so there is no answer to it."""
    found = Plan()
    concerned = False
    for fact, body in facts:
        told = message(body, audience)
        if told is not None:
            concerned = True
            _tell(found, fact, told, audience)
    return found if concerned else None


def _tell(found: Plan, fact: FactHeader, told: Message, audience: Audience) -> None:
    count = 0
    for user_id in told.people:
        channels = audience.channels(user_id, told.category)
        if told.category == "request" and audience.stays.left(user_id):
            # What becomes of it is the business of the room's next guest at most.
            found.candidates.append(Candidate(id=user_id, eligible=False, reason="checked out"))
        elif not channels:
            reason = f"switched {told.category} off on every channel"
            found.candidates.append(Candidate(id=user_id, eligible=False, reason=reason))
        elif len(found.notified) >= MAX_PEOPLE:
            reason = f"more than {MAX_PEOPLE} people in one answer"
            found.candidates.append(Candidate(id=user_id, eligible=False, reason=reason))
        else:
            count += 1
            found.candidates.append(Candidate(id=user_id, reason="by " + " and ".join(channels)))
            note = said.Notified(
                notification_id=derived_id(fact.fact_id, user_id),
                user_id=user_id,
                category=told.category,
                title=told.title,
                body=told.body[:MAX_BODY],
                link=told.link,
                channels=channels,
                expires_at=fact.occurred_at + audience.keep_ms(told.category),
            )
            found.notified.append((fact.occurred_at, note))
    left_out = len(told.people) - count
    suffix = f", {left_out} left out" if left_out else ""
    found.sentences.append(f"{told.title}: {count} told{suffix}.")


class Notifications:
    """Every notification of one hotel that is kept: the fold of the agent's answers, and its rules."""

    def __init__(self) -> None:
        self.by_id: dict[str, said.NotificationState] = {}
        self._by_user: dict[str, set[str]] = {}
        self._expiries: list[tuple[int, str]] = []
        self.aside: frozenset[str] = frozenset()

    def read(self, answer: Any, context: Audience) -> Decision | None:
        """The answer to one record of services or alerts; None: it concerns nobody, and gets none."""
        facts = [(fact, found[1]) for fact in answer.facts if (found := named(fact))]
        for _, body in facts:
            context.fact(body)  # the follower of the context may be behind the input
        planned = plan(facts, context)
        if planned is None:
            return None
        told = tuple(Said("notified", one, at) for at, one in planned.notified)
        return Decision(RULE, " ".join(planned.sentences), told, candidates=tuple(planned.candidates))

    def decide(self, ask: Ask, context: Any) -> Decision:
        """Answer a command: people mark what is theirs as seen or read."""
        if not isinstance(ask.body, said.MarkNotifications):
            return refuse(RULE, "unknown_command", f"The notification agent knows no command {ask.name}.")
        own = self._by_user.get(ask.actor_id, set())
        wanted = [one for one in dict.fromkeys(ask.body.ids) if one in own] or sorted(own)
        if ask.body.ids and own.isdisjoint(ask.body.ids):
            return refuse(RULE, "not_found", "None of these is a notification of yours.")
        facts = [self._marked(one, ask) for one in wanted]
        new = tuple(one for one in facts if one is not None)
        return Decision(RULE, f"{len(new)} marked as {ask.body.status}.", new)

    def _marked(self, notification_id: str, ask: Ask) -> Said | None:
        """What the mark makes true: unseen, seen, read only climbs, so two devices never take it back."""
        status = self.by_id[notification_id].status
        if isinstance(ask.body, said.MarkNotifications) and ask.body.status == "read" and status != "read":
            read = said.NotificationRead(notification_id=notification_id, user_id=ask.actor_id)
            return Said("read", read, ask.at)
        if isinstance(ask.body, said.MarkNotifications) and ask.body.status == "seen" and status == "unseen":
            seen = said.NotificationSeen(notification_id=notification_id, user_id=ask.actor_id)
            return Said("seen", seen, ask.at)
        return None

    def news(self, fact: Any) -> bool:
        """No property system speaks here."""
        return False

    def follow(self, fact: Any) -> Sequence[Said]:
        """No property system speaks here."""
        return ()

    def apply(self, name: str, body: Any, at: int, actor_id: str) -> None:
        """Fold one fact that occurred at `at` (ms)."""
        if isinstance(body, said.Notified):
            fields = msgspec.structs.asdict(body)
            self._put(said.NotificationState(**fields, notified_at=at))
            return
        one = self.by_id.get(body.notification_id)
        if one is None:
            return
        match body:
            case said.NotificationSeen() if one.status == "unseen":
                self.by_id[body.notification_id] = msgspec.structs.replace(one, status="seen")
            case said.NotificationRead():
                self.by_id[body.notification_id] = msgspec.structs.replace(one, status="read")
            case said.NotificationExpired():
                del self.by_id[body.notification_id]
                own = self._by_user[body.user_id]
                own.discard(body.notification_id)
                if not own:
                    del self._by_user[body.user_id]
            case _:  # seen after read
                pass

    def entities(self) -> dict[str, dict[str, Any]]:
        """Notifications; whose they are and when they expire follows from them."""
        return {"notification": self.by_id}

    def restore(self, entities: dict[str, dict[str, Any]]) -> None:
        """Take a state over."""
        for one in entities.get("notification", {}).values():
            self._put(one)

    def _put(self, one: said.NotificationState) -> None:
        self.by_id[one.notification_id] = one
        self._by_user.setdefault(one.user_id, set()).add(one.notification_id)
        heapq.heappush(self._expiries, (one.expires_at, one.notification_id))

    def due(self) -> int | None:
        """When the next notification expires (ms), None without one."""
        while self._expiries and not self._stands(self._expiries[0]):
            heapq.heappop(self._expiries)
        if self.aside:
            return min((moment for moment, _ in self._owed()), default=None)
        return self._expiries[0][0] if self._expiries else None

    def _owed(self) -> Iterator[tuple[int, str]]:
        """Expiries still to come that are not set aside, in no order."""
        return (one for one in self._expiries if self._stands(one) and one[1] not in self.aside)

    def _stands(self, expiry: tuple[int, str]) -> bool:
        known = self.by_id.get(expiry[1])
        return known is not None and known.expires_at == expiry[0]

    def fire(self, until: int, context: Any) -> Decision | None:
        """Clean up what expired, oldest first, at most MAX_EXPIRED of it."""
        over = sorted(one for one in self._owed() if one[0] <= until)
        facts = tuple(
            Said(
                "expired",
                said.NotificationExpired(notification_id=one, user_id=self.by_id[one].user_id),
                until,
            )
            for _, one in over[:MAX_EXPIRED]
        )
        return Decision(RULE, f"{len(facts)} kept long enough.", facts) if facts else None
