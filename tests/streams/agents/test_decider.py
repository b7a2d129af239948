"""What a rule fails on is refused and kept, and the next is answered. Its life on a real log: test_ticks."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import decode_as, encode
from schemas.records.base import AnswerHeader
from schemas.records.operations import DeadLetter
from schemas.records.services import RequestCommand, ServicesCommand
from streams.agents import services
from streams.agents.contexts import Contexts
from streams.agents.decider import Decider, Received
from streams.rules.answering import Partition
from streams.rules.services import Services


class Log:
    """A producer whose topics take everything, in order."""

    def __init__(self) -> None:
        self.said: dict[str, list[bytes]] = {}

    async def send(self, topic: str, *, value: bytes, **_: Any) -> asyncio.Future[Any]:
        found = self.said.setdefault(topic, [])
        found.append(value)
        sent: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        sent.set_result(SimpleNamespace(topic=topic, partition=0, offset=len(found) - 1))
        return sent


async def test_a_command_that_a_rule_fails_on_is_refused_once_and_the_next_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = Services.decide

    def fail(self: Services, ask: Any, context: Any) -> Any:
        if ask.id == "bad":
            raise ZeroDivisionError("no rule is perfect")
        return decide(self, ask, context)

    monkeypatch.setattr(Services, "decide", fail)
    log, settings = Log(), Settings()
    contexts = Contexts(settings, [services.AGENT], cast("Any", log))
    decider = Decider(services.AGENT, settings, contexts, cast("Any", log), cast("Any", log))
    decider.parts[0] = Partition(services.AGENT, next={topics.SERVICES_COMMANDS.name: 0})
    values = [b"poison"]
    for own in ("bad", "good"):
        command = ServicesCommand(
            command_id=own, property_id="h", actor_id="ben", actor_role="staff", claimed_at=1,
            accept=RequestCommand(request_id="r"),
        )  # fmt: skip
        values.append(encode(command))
    contexts._vectors[0] = {}
    await decider.take(
        [Received(topics.SERVICES_COMMANDS.name, 0, n, 1, b"h", value) for n, value in enumerate(values)]
    )
    answers = [decode_as(one, topics.SERVICES, AnswerHeader) for one in log.said[topics.SERVICES.name]]
    assert [(one.causation_id, one.code) for one in answers] == [("bad", "failed"), ("good", "not_found")]
    dead = [decode_as(one, topics.DEAD_LETTERS, DeadLetter) for one in log.said[topics.DEAD_LETTERS.name]]
    assert [(one.offset, one.value) for one in dead] == [(0, values[0]), (1, values[1])]
    assert "no rule is perfect" in dead[1].reason
