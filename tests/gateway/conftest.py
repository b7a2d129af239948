"""Gateways for all tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.gateway.support import Running, running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(kafka: str) -> AsyncIterator[Running]:
    """A running gateway."""
    async with running(kafka) as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def second(kafka: str) -> AsyncIterator[Running]:
    """Another gateway on the same log, for what must hold at all of them."""
    async with running(kafka) as one:
        yield one
