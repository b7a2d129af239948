"""The staff agent: shifts."""

from __future__ import annotations

from schemas import topics
from schemas.records.staff import StaffAnswer, StaffEntity, StaffFact
from streams.rules.answering import Agent
from streams.rules.context import HotelContext
from streams.rules.staff import Staff

AGENT = Agent(
    name="staff",
    facts=topics.STAFF,
    commands=topics.STAFF_COMMANDS,
    intake=topics.STAFF_INTAKE,
    reads=(),
    follows=(topics.SETTINGS,),
    answer=StaffAnswer,
    fact=StaffFact,
    rules=Staff,
    context=HotelContext,
    state=topics.STAFF_STATE,
    entity=StaffEntity,
)
