"""One gateway for all tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.gateway.support import Running, running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(kafka: str) -> AsyncIterator[Running]:
    """A running gateway."""
    async with running(kafka) as one:
        yield one
