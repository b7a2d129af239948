"""Ticks: the timer that wakes agents when their earliest deadline is due. It decides nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from infra.runtime.kafka import send
from infra.runtime.settings import Settings
from schemas.ids import new_id
from schemas.records import alerts, notifications, rooms, services, staff
from schemas.records.base import CommandHeader, Tick
from streams.agents.decider import Decider

LOOK_EVERY_S = 0.2
# The broker's clock decides whether a deadline has passed; if ours is ahead, the tick is sent again.
AGAIN_AFTER_S = 1.0

COMMANDS: dict[str, type[CommandHeader]] = {
    "rooms": rooms.RoomsCommand,
    "services": services.ServicesCommand,
    "staff": staff.StaffCommand,
    "alerts": alerts.AlertsCommand,
    "notifications": notifications.NotificationsCommand,
}


async def run(settings: Settings, deciders: Sequence[Decider], producer: AIOKafkaProducer) -> None:
    """For ever: one tick for each hotel whose deadline has come, again a second later while it stands."""
    sent_at: dict[tuple[str, str], float] = {}
    while True:
        now = time.time()
        for decider in deciders:
            for property_id, due in decider.due():
                key = (decider.agent.name, property_id)
                if due > now * 1000 or now - sent_at.get(key, 0.0) < AGAIN_AFTER_S:
                    continue
                sent_at[key] = now
                command = tick(decider.agent.name, property_id, due, int(now * 1000))
                try:
                    await send(producer, settings, decider.agent.commands, property_id, command)
                except KafkaError:
                    break  # Kafka is away: the next look tries again
        await asyncio.sleep(LOOK_EVERY_S)


def tick(agent: str, property_id: str, due_at: int, now_ms: int) -> CommandHeader:
    """The command that wakes an agent."""
    make = COMMANDS[agent]
    return make(  # type: ignore[call-arg]  # every agent's command has the field
        command_id=new_id(now_ms),
        property_id=property_id,
        actor_id="timer",
        actor_role="system",
        claimed_at=now_ms,
        tick=Tick(due_at=due_at),
    )
