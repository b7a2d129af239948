"""The service agent: requests and who gets them."""

from __future__ import annotations

from schemas import topics
from schemas.records.services import ServicesAnswer, ServicesEntity, ServicesFact
from streams.rules.answering import Agent
from streams.rules.context import HotelContext
from streams.rules.services import Services

AGENT = Agent(
    name="services",
    facts=topics.SERVICES,
    commands=topics.SERVICES_COMMANDS,
    intake=topics.SERVICES_INTAKE,
    reads=(),
    follows=(topics.SETTINGS, topics.STAFF, topics.ROOMS),
    answer=ServicesAnswer,
    fact=ServicesFact,
    rules=Services,
    context=HotelContext,
    state=topics.SERVICES_STATE,
    entity=ServicesEntity,
)
