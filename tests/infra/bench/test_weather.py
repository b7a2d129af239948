"""A line breaks in each of its ways, and the next connection works."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from infra.bench.weather import FAULTS, Fault, Line
from infra.runtime.ports import free_row
from tests.patience import patience

LINE = b"0123456789"


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """A server that says back what it hears."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(100):
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def said_back(line: Line) -> bytes:
    """What a new connection hears of ten bytes that it says; nothing where it is cut off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    try:
        writer.write(LINE)
        return await reader.read(100)
    except OSError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_open_breaks_and_what_comes_later_works(fault: Fault) -> None:
    async with echo() as port, patience(), Line([port], random.Random(1)).opened() as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(LINE)
        assert await reader.readexactly(len(LINE)) == LINE
        striking = asyncio.create_task(line.strike(fault, 0.2))
        await asyncio.sleep(0.05)
        heard = b""
        with suppress(OSError):
            writer.write(LINE)
            while data := await reader.read(100):
                heard += data
        assert heard != LINE, "and the connection ends"
        await striking
        writer.close()
        while not (heard := await said_back(line)):  # offline ends by time
            await asyncio.sleep(0.02)
        assert heard == LINE


async def test_where_one_gateway_is_away_the_other_is_taken() -> None:
    async with echo() as port, Line([free_row(), port], random.Random(1)).opened() as line:
        assert {await said_back(line) for _ in range(5)} == {LINE}
