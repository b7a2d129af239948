"""The alert agent: emergencies and announcements, always alone in its process."""

from __future__ import annotations

from schemas import topics
from schemas.records.alerts import AlertsAnswer, AlertsEntity, AlertsFact
from streams.rules.alerts import Alerts
from streams.rules.answering import Agent
from streams.rules.context import HotelContext

AGENT = Agent(
    name="alerts",
    facts=topics.ALERTS,
    commands=topics.ALERTS_COMMANDS,
    intake=None,
    reads=(),
    follows=(topics.SETTINGS,),
    answer=AlertsAnswer,
    fact=AlertsFact,
    rules=Alerts,
    context=HotelContext,
    state=topics.ALERTS_STATE,
    entity=AlertsEntity,
)
