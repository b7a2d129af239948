"""A decider that dies behind each of its steps: the next one gives each command one answer, in order."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition

from infra.runtime import kafka as shells
from schemas import topics
from schemas.records.rooms import RoomsAnswer, RoomsCommand, RoomStatusChanged
from streams.agents import rooms
from streams.agents.contexts import Contexts
from streams.agents.decider import Decider, Received
from tests.streams import dying
from tests.streams.bench import Bench

STEPS = ("fetched", "batch_built", "answer_sent", "answer_acknowledged")


async def _ask(bench: Bench) -> list[str]:
    status = RoomStatusChanged(room_id="101", dimension="housekeeping", value="dirty")
    return [await bench.ask(RoomsCommand, set_room_status=status) for _ in range(3)]


async def _work(bench: Bench) -> None:
    """A decider's life from its start: what it has not answered yet, at once."""
    producer, states = shells.producer(bench.settings), shells.producer(bench.settings)
    async with producer, states, shells.reader(bench.settings) as reader:
        contexts = Contexts(bench.settings, [rooms.AGENT], producer)
        await contexts.own({bench.partition})
        decider = Decider(rooms.AGENT, bench.settings, contexts, producer, states)
        try:
            start = await decider.recover([bench.partition])
            tp = TopicPartition(topics.ROOMS_COMMANDS.name, bench.partition)
            found = shells.read_to_end(reader, [tp], {tp: start[bench.partition]})
            await decider.take(
                [
                    Received(one.topic, one.partition, one.offset, one.timestamp, one.key, one.value)
                    async for one in found
                ]
            )
        finally:
            await decider.stop()
            await contexts.stop()


@pytest.mark.parametrize("step", STEPS)
async def test_killed_behind_each_step_every_command_has_one_answer(bench: Bench, step: str) -> None:
    asked = await _ask(bench)
    with dying.at(f"rooms.{step}"), pytest.raises(dying.Killed):
        await _work(bench)
    asked += await _ask(bench)
    await _work(bench)
    answers = await bench.answers(topics.ROOMS, RoomsAnswer)
    assert [one.causation_id for one in answers] == asked
