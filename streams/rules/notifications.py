"""What becomes a notification for whom, and what people and time make of it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from schemas.ids import derived_id
from schemas.record import Record
from schemas.records import alerts, services
from schemas.records import notifications as said
from schemas.records.base import Candidate, FactHeader
from streams.rules.audience import Audience

RULE = "notify-1"
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

    notified: list[said.Notified] = field(default_factory=list)
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
        if not channels:
            reason = f"switched {told.category} off on every channel"
            found.candidates.append(Candidate(id=user_id, eligible=False, reason=reason))
        elif len(found.notified) >= MAX_PEOPLE:
            reason = f"more than {MAX_PEOPLE} people in one answer"
            found.candidates.append(Candidate(id=user_id, eligible=False, reason=reason))
        else:
            count += 1
            found.candidates.append(Candidate(id=user_id, reason="by " + " and ".join(channels)))
            found.notified.append(
                said.Notified(
                    notification_id=derived_id(fact.fact_id, user_id),
                    user_id=user_id,
                    category=told.category,
                    title=told.title,
                    body=told.body[:MAX_BODY],
                    link=told.link,
                    channels=channels,
                    expires_at=fact.occurred_at + audience.keep_ms(told.category),
                )
            )
    left_out = len(told.people) - count
    suffix = f", {left_out} left out" if left_out else ""
    found.sentences.append(f"{told.title}: {count} told{suffix}.")


@dataclass(slots=True)
class State:
    """Every notification of one hotel that is kept: the fold of the agent's answers."""

    by_id: dict[str, said.NotificationState] = field(default_factory=dict)
    by_user: dict[str, set[str]] = field(default_factory=dict)
    expiries: list[tuple[int, str]] = field(default_factory=list)

    def apply(self, at: int, body: Record) -> str:
        """Fold one fact that occurred at `at` (ms); the id of the notification it changed."""
        match body:
            case said.Notified():
                self._put(
                    said.NotificationState(
                        notification_id=body.notification_id,
                        user_id=body.user_id,
                        category=body.category,
                        title=body.title,
                        body=body.body,
                        link=body.link,
                        channels=body.channels,
                        notified_at=at,
                        expires_at=body.expires_at,
                    )
                )
                return body.notification_id
            case said.NotificationSeen():
                self._status(body.notification_id, "seen")
                return body.notification_id
            case said.NotificationRead():
                self._status(body.notification_id, "read")
                return body.notification_id
            case said.NotificationExpired():
                self.by_id.pop(body.notification_id, None)
                self.by_user.get(body.user_id, set()).discard(body.notification_id)
                return body.notification_id
            case _:
                raise TypeError(f"{type(body).__name__} is no fact of notifications")

    def _put(self, one: said.NotificationState) -> None:
        self.by_id[one.notification_id] = one
        self.by_user.setdefault(one.user_id, set()).add(one.notification_id)
        heapq.heappush(self.expiries, (one.expires_at, one.notification_id))

    def _status(self, notification_id: str, status: said.NotificationStatus) -> None:
        """Unseen, seen, read: it only climbs, so two devices never take it back."""
        one = self.by_id.get(notification_id)
        if one is not None and one.status != "read":
            self.by_id[notification_id] = msgspec.structs.replace(one, status=status)

    def earliest(self) -> int | None:
        """When the next notification expires (ms); null: none is kept."""
        while self.expiries and self.expiries[0][1] not in self.by_id:
            heapq.heappop(self.expiries)
        return self.expiries[0][0] if self.expiries else None

    def expired(self, now: int) -> list[said.NotificationExpired]:
        """What is to be cleaned up at `now`, oldest first, at most MAX_EXPIRED of it."""
        self.earliest()
        due = heapq.nsmallest(MAX_EXPIRED, (e for e in self.expiries if e[0] <= now and e[1] in self.by_id))
        return [
            said.NotificationExpired(notification_id=one, user_id=self.by_id[one].user_id) for _, one in due
        ]

    def mark(
        self, user_id: str, command: said.MarkNotifications
    ) -> list[said.NotificationSeen | said.NotificationRead] | None:
        """What the person's mark makes true; null: none of the ids is theirs."""
        own = self.by_user.get(user_id, set())
        wanted = [one for one in dict.fromkeys(command.ids) if one in own] if command.ids else sorted(own)
        if command.ids and not wanted:
            return None
        if command.status == "read":
            unread = [one for one in wanted if self.by_id[one].status != "read"]
            return [said.NotificationRead(notification_id=one, user_id=user_id) for one in unread]
        unseen = [one for one in wanted if self.by_id[one].status == "unseen"]
        return [said.NotificationSeen(notification_id=one, user_id=user_id) for one in unseen]
