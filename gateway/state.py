"""What lives as long as the gateway: opened in the lifespan, given to routers and sockets, typed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from aiokafka import AIOKafkaProducer
from fastapi import Depends
from starlette.requests import HTTPConnection

from gateway.alarms import Alarms
from gateway.answers import Answers
from gateway.history import History
from gateway.hub import Hub
from gateway.keys import Keys
from gateway.limits import Limits
from gateway.listening import Listening
from gateway.presence import Presence
from gateway.readmodel.model import ReadModel
from gateway.recall import Recall
from gateway.sockets import Sockets
from gateway.strangers import Strangers
from gateway.tail import Tail
from infra.runtime.settings import Settings


def now_ms() -> int:
    """Milliseconds since 1970: the clock of a live gateway."""
    return int(time.time() * 1000)


@dataclass(frozen=True, slots=True)
class State:
    """The gateway's parts. `gateway_id` names this process in signals. `clock` gives ms since 1970."""

    settings: Settings
    gateway_id: str
    producer: AIOKafkaProducer
    model: ReadModel
    hub: Hub
    tail: Tail
    history: History
    answers: Answers
    recall: Recall
    sockets: Sockets
    presence: Presence
    limits: Limits
    listening: Listening
    strangers: Strangers
    keys: Keys
    alarms: Alarms
    clock: Callable[[], int] = now_ms


def live_state(connection: HTTPConnection) -> State:
    """Dependency: the gateway's state, for routes and sockets alike."""
    state = connection.state.live
    assert isinstance(state, State)
    return state


Live = Annotated[State, Depends(live_state)]
