"""A gateway and hotels for the auditor to look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest_asyncio

from gateway.cursor import Cursors
from infra.auditor.audit import Audit
from infra.auditor.canary import SocketCanary
from infra.auditor.hearing import Hearing, now_ms
from infra.auditor.log import Log
from infra.auditor.stream import StreamCanary
from schemas.ids import new_id
from schemas.records.slo import SloFindings
from tests.gateway.client.test_client import SETTINGS
from tests.gateway.support import SECRET, Running, running, token


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(kafka: str) -> AsyncIterator[Running]:
    """A running gateway."""
    async with running(kafka) as one:
        yield one


async def hotel(gateway: Running) -> str:
    """A new one, with a room."""
    own = "slo" + new_id()[-6:]
    async with gateway.web(headers={"Authorization": f"Bearer {token('admin', own)}"}) as web:
        assert (await web.post("/api/settings", json={"property_id": own} | SETTINGS)).is_success
    return own


@dataclass
class House:
    """An audit with the log beside it, and no canary yet."""

    audit: Audit
    log: Log
    hearing: Hearing

    def findings(self) -> SloFindings:
        """Of the last hour."""
        return self.audit.report(1, 1, now_ms()).findings[0]

    @asynccontextmanager
    async def with_canary(self, one: SocketCanary | StreamCanary) -> AsyncIterator[None]:
        """One that runs."""
        task = asyncio.create_task(one.run())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def group() -> str:
    """A canary's token."""
    return token("system", "*")


@asynccontextmanager
async def house(gateway: Running) -> AsyncIterator[House]:
    """The log is followed from its end on."""
    audit = Audit(now_ms())
    log = Log(gateway.settings, audit)
    await log.start()
    following = asyncio.create_task(log.follow())
    try:
        yield House(audit, log, Hearing(audit, Cursors(SECRET), log.floor))
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await log.stop()
