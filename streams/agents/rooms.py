"""The room agent: the house."""

from __future__ import annotations

from schemas import topics
from schemas.records.rooms import RoomsAnswer, RoomsEntity, RoomsFact
from streams.rules.answering import Agent
from streams.rules.context import HotelContext
from streams.rules.rooms import House

AGENT = Agent(
    name="rooms",
    facts=topics.ROOMS,
    commands=topics.ROOMS_COMMANDS,
    intake=topics.ROOMS_INTAKE,
    reads=(),
    follows=(topics.SETTINGS,),
    answer=RoomsAnswer,
    fact=RoomsFact,
    rules=House,
    context=HotelContext,
    state=topics.ROOMS_STATE,
    entity=RoomsEntity,
)
