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
from streams.agents import decider as shell
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


SETTINGS = Settings()
HOME = topics.partition_of("h", SETTINGS.partitions)
COMMANDS = topics.SERVICES_COMMANDS.name


def _decider(log: Log) -> Decider:
    """The service agent at the start of two partitions: the hotel's own, and another."""
    sender = cast("Any", log)
    contexts = Contexts(SETTINGS, [services.AGENT], sender)
    decider = Decider(services.AGENT, SETTINGS, contexts, sender, sender)
    for number in (HOME, _other()):
        decider.parts[number] = Partition(services.AGENT, next={COMMANDS: 0})
        contexts._vectors[number] = {}
    return decider


def _other() -> int:
    return (HOME + 1) % SETTINGS.partitions


def _accept(command_id: str) -> bytes:
    return encode(
        ServicesCommand(
            command_id=command_id, property_id="h", actor_id="ben", actor_role="staff", claimed_at=1,
            accept=RequestCommand(request_id="r"),
        )
    )  # fmt: skip


def _answers(log: Log) -> list[tuple[str, str]]:
    found = [decode_as(one, topics.SERVICES, AnswerHeader) for one in log.said.get(topics.SERVICES.name, [])]
    return [(one.causation_id, one.code) for one in found]


def _dead(log: Log) -> list[DeadLetter]:
    return [decode_as(one, topics.DEAD_LETTERS, DeadLetter) for one in log.said[topics.DEAD_LETTERS.name]]


async def test_a_command_that_a_rule_fails_on_is_refused_once_and_the_next_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = Services.decide

    def fail(self: Services, ask: Any, context: Any) -> Any:
        if ask.id == "bad":
            raise ZeroDivisionError("no rule is perfect")
        return decide(self, ask, context)

    monkeypatch.setattr(Services, "decide", fail)
    log = Log()
    values = [b"poison", _accept("bad"), _accept("good")]
    await _decider(log).take([Received(COMMANDS, HOME, n, 1, b"h", value) for n, value in enumerate(values)])
    assert _answers(log) == [("bad", "failed"), ("good", "not_found")]
    dead = _dead(log)
    assert [(one.offset, one.value) for one in dead] == [(0, values[0]), (1, values[1])]
    assert "no rule is perfect" in dead[1].reason


async def test_a_command_where_its_hotel_is_not_at_home_is_a_dead_letter_and_decides_nothing() -> None:
    log = Log()
    decider = _decider(log)
    await decider.take([Received(COMMANDS, _other(), 0, 1, b"h", _accept("stray"))])
    (dead,) = _dead(log)
    assert (dead.partition, dead.offset) == (_other(), 0)
    assert dead.reason == f"h is at home on partition {HOME}: send it there"
    assert (_answers(log), decider.parts[_other()].hotels) == ([], {})
    await decider.take([Received(COMMANDS, HOME, 0, 1, b"h", _accept("stray"))])
    assert _answers(log) == [("stray", "not_found")], "sent home, it is answered"


async def test_an_answer_that_could_not_be_sent_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons: list[str] = []
    log = Log()
    monkeypatch.setattr(log, "send", _refuse)
    monkeypatch.setattr(shell, "refold", lambda reason, **_: reasons.append(reason))
    with pytest.raises(ConnectionError):
        await _decider(log).take([Received(COMMANDS, HOME, 0, 1, b"h", _accept("lost"))])
    assert reasons == ["an answer could not be sent: ConnectionError: away"]


async def test_an_answer_that_lies_elsewhere_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class Left(Exception):
        pass

    def leave(reason: str, **where: object) -> None:
        raise Left(reason, where)

    log = Log()
    log.said[topics.SERVICES.name] = [b"somebody else's"]
    monkeypatch.setattr(shell, "refold", leave)
    with pytest.raises(Left, match=r"another writer is on the fact topic.*'expected': 0, 'got': 1"):
        await _decider(log).take([Received(COMMANDS, HOME, 0, 1, b"h", _accept("late"))])


class Slow(Log):
    """Kafka that has what it was sent when it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.has = asyncio.Event()

    async def send(self, topic: str, *, value: bytes, **more: Any) -> asyncio.Future[Any]:
        place = await super().send(topic, value=value, **more)

        async def landed() -> Any:
            await self.has.wait()
            return place.result()

        return asyncio.ensure_future(landed())


async def _turns() -> None:
    """Whatever can go on goes on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_kafka_has_not_yet_holds_up_no_other_decision() -> None:
    log = Slow()
    decider = _decider(log)
    taken = [
        asyncio.create_task(decider.take([Received(COMMANDS, HOME, n, 1, b"h", _accept(name))]))
        for n, name in enumerate(["first", "second"])
    ]
    await _turns()
    assert _answers(log) == [("first", "not_found"), ("second", "not_found")]
    after = asyncio.create_task(decider._settled())
    await _turns()
    assert not any(one.done() for one in [*taken, after]), "none of them is on the log"
    log.has.set()
    await asyncio.gather(*taken, after)


async def test_a_reader_that_is_stopped_in_the_middle_leaves_no_answer_unheard() -> None:
    log = Slow()
    decider = _decider(log)
    taken = asyncio.create_task(decider.take([Received(COMMANDS, HOME, 0, 1, b"h", _accept("first"))]))
    await _turns()
    taken.cancel()
    after = asyncio.create_task(decider._settled())
    await _turns()
    assert taken.cancelled()
    assert not after.done()
    log.has.set()
    await after
    assert (topics.SERVICES.name, 0, 0) in decider._contexts.decoded._kept, "it was heard of all the same"


async def _refuse(*_: object, **__: object) -> None:
    raise ConnectionError("away")
