"""A person who asks for much waits for themselves; the others do not."""

from __future__ import annotations

import asyncio

from gateway.claims import Claims
from gateway.turns import Turns


def person(user_id: str) -> Claims:
    return Claims(user_id, "guest", "h", "N", None, None, (), 0, 1, "t")


async def test_one_at_a_time_for_each_and_few_for_all() -> None:
    turns, going = Turns(2), list[str]()
    go: dict[str, asyncio.Event] = {}

    async def read(user_id: str, name: str) -> None:
        go[name] = asyncio.Event()
        async with turns.of(person(user_id)):
            going.append(name)
            await go[name].wait()
            going.remove(name)

    async def turn(*ended: str) -> list[str]:
        for name in ended:
            go[name].set()
        for _ in range(10):
            await asyncio.sleep(0)
        return sorted(going)

    asked = [("greedy", f"g{n}") for n in range(4)] + [("anna", "a"), ("ben", "b")]
    tasks = [asyncio.create_task(read(*one)) for one in asked]
    assert await turn() == ["a", "g0"]
    assert await turn("a") == ["b", "g0"]
    assert await turn("g0", "b") == ["g1"]
    assert await turn("g1") == ["g2"]
    await turn("g2", "g3")
    assert all(task.done() for task in tasks)
    assert not turns._own, "nobody who has gone is kept"
