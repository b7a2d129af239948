"""The loop does what it is told, the same again for the same choices."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from tests.scheduling import run


def order(choices: list[int], sleeping: bool) -> list[str]:
    done: list[str] = []

    async def step(name: str) -> None:
        for turn in range(2):
            await asyncio.sleep(60.0 if sleeping else 0)
            done.append(f"{name}{turn}")

    async def main() -> None:
        await asyncio.gather(*[step(name) for name in "abc"])

    left = list(choices)
    run(main(), lambda count: left.pop() % count if left else 0)
    return done


@given(choices=st.lists(st.integers(0, 9), max_size=30), sleeping=st.booleans())
def test_each_keeps_its_own_order_and_choices_make_the_rest(choices: list[int], sleeping: bool) -> None:
    found = order(choices, sleeping)
    assert found == order(choices, sleeping)
    for name in "abc":
        assert [one for one in found if one[0] == name] == [f"{name}0", f"{name}1"]


def test_other_choices_make_another_order() -> None:
    assert len({tuple(order([n] * 12, sleeping=False)) for n in range(3)}) > 1
