"""The notification agent: what of services and alerts people are told, and what they make of it."""

from __future__ import annotations

from schemas import topics
from schemas.records.notifications import NotificationsAnswer, NotificationsEntity, NotificationsFact
from streams.rules.answering import Agent
from streams.rules.audience import Audience
from streams.rules.notifications import Notifications

AGENT = Agent(
    name="notifications",
    facts=topics.NOTIFICATIONS,
    commands=topics.NOTIFICATIONS_COMMANDS,
    intake=None,
    reads=(topics.SERVICES, topics.ALERTS),
    follows=(
        topics.PEOPLE,
        topics.SETTINGS,
        topics.STAFF,
        topics.ROOMS,
        topics.SERVICES,
        topics.ALERTS,
    ),
    answer=NotificationsAnswer,
    fact=NotificationsFact,
    rules=Notifications,
    context=Audience,
    state=topics.NOTIFICATIONS_STATE,
    entity=NotificationsEntity,
)
