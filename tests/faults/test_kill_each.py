"""Each part is killed once while a hotel lives; log, tables and a socket are then held against the oracle."""

from __future__ import annotations

import asyncio
import random
import time

from infra.bench import faults, knives
from infra.bench.plan import PARTS
from infra.bench.stack import Stack
from infra.oracle import answers, compare, events, reading
from infra.oracle.verify import verify
from infra.simulator import person
from infra.simulator.furnish import furnish
from infra.simulator.layout import hotel
from schemas.topics import TOPICS
from tests.faults.witness import Witness
from tests.patience import PATIENCE, until

ROOMS = 24
HOUSE = hotel(0, ROOMS)
# Killed twice: somewhere, and there.
DIES_AT = {"gateway-0": "gateway.record_acknowledged=3"}


async def test_killing_each_part_loses_and_doubles_nothing(stack: Stack) -> None:
    seed = random.randrange(2**31)
    print(f"seed {seed}")
    async with person.client(stack.settings, user_id="tests", role="system", property_id="*") as office:
        await furnish(office.rest, HOUSE)
    witness = Witness(stack.settings, HOUSE.property_id)
    listening = asyncio.create_task(witness.run())
    try:
        await until(lambda: witness.connected > 0, "the witness's socket")
        await kill_each(stack, witness, seed)
        await judge(stack, witness)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def kill_each(stack: Stack, witness: Witness, seed: int) -> None:
    """Every part once in an order of the seed; the next only after events flow again."""
    simulator = faults.living(stack, seed, 1, ROOMS)
    try:
        await until(lambda: bool(witness.events), "the first event")
        for part in random.Random(seed).sample(PARTS, len(PARTS)):
            began = time.monotonic()
            if part in DIES_AT:
                await knives.fail(stack, part, DIES_AT[part], print)
            else:
                await knives.kill(stack, part)
            seen = witness.events
            await until(lambda seen=seen: witness.events > seen, f"an event after {part}")  # type: ignore[misc]
            print(f"{part} killed; events again after {time.monotonic() - began:.1f} s")
        assert simulator.poll() is None
    finally:
        simulator.terminate()
        said, _ = await asyncio.to_thread(simulator.communicate, timeout=PATIENCE)
        print(said.decode().strip())


async def judge(stack: Stack, witness: Witness) -> None:
    """Waits until agents, sink and socket have all, then compares each with the log."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = await reading.read(stack.settings, TOPICS)
        verdict = answers.judge(found)
        if not verdict.unanswered or time.monotonic() > deadline:
            break
    assert not verdict.unanswered
    assert not verdict.faults
    assert verdict.answers >= len(PARTS)  # each kill waited for an event after it: the hotel lived
    assert not await compare.caught_up(stack.settings, found, PATIENCE)
    report = await verify(stack.settings, "", lambda *_: None)
    assert report.equal, report.differences
    assert report.values
    assert (witness.lost, witness.repeats) == (0, 0)
    assert witness.connected > 1
    for kind, wanted in events.expected(found, HOUSE.property_id).items():
        heard = witness.heard.setdefault(kind, [])
        await until(lambda h=heard, w=wanted: w.must <= set(h), f"{kind} on the socket")  # type: ignore[misc]
        # What came after the log was read is not judged.
        known = set(wanted.may)
        last = max((place for place, one in enumerate(heard) if one in known), default=-1)
        assert not events.faults(wanted, heard[: last + 1]), kind
    print(f"{verdict.answers} answers, {verdict.foreign} foreign, {witness.events} events")
