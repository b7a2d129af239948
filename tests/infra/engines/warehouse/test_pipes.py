from __future__ import annotations

import asyncio

import pytest

from infra.engines.warehouse.pipes import GoneError, Inlet, Outlet


async def test_an_outlet_hands_on_in_order_and_slows_the_thread() -> None:
    outlet = Outlet(asyncio.get_running_loop(), 2)
    pushed: list[int] = []

    def work() -> None:
        for number in range(20):
            outlet.push(bytes([number]))
            pushed.append(number)
        outlet.finish()

    task = asyncio.create_task(asyncio.to_thread(work))
    assert await outlet.get() == b"\x00"
    assert len(pushed) <= 4
    got = [b"\x00"]
    while (chunk := await outlet.get()) is not None:
        got.append(chunk)
    await task
    assert got == [bytes([number]) for number in range(20)]


async def test_a_reader_that_leaves_frees_the_thread() -> None:
    outlet = Outlet(asyncio.get_running_loop(), 1)

    def work() -> None:
        while True:
            outlet.push(b"x")

    task = asyncio.create_task(asyncio.to_thread(work))
    await outlet.get()
    outlet.leave()
    with pytest.raises(GoneError):
        await task


async def test_an_outlet_passes_errors_on() -> None:
    outlet = Outlet(asyncio.get_running_loop(), 1)
    outlet.finish(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await outlet.get()


async def test_an_inlet_brings_everything_and_ends() -> None:
    inlet = Inlet(asyncio.get_running_loop(), 1)

    def work() -> list[bytes]:
        got = []
        while (chunk := inlet.pull()) is not None:
            got.append(chunk)
        return got

    task = asyncio.create_task(asyncio.to_thread(work))
    for number in range(10):
        await inlet.put(bytes([number]))
    inlet.finish()
    assert await task == [bytes([number]) for number in range(10)]


async def test_an_inlet_that_breaks_breaks_the_thread() -> None:
    inlet = Inlet(asyncio.get_running_loop(), 1)
    inlet.finish(GoneError())
    with pytest.raises(GoneError):
        await asyncio.to_thread(inlet.pull)
