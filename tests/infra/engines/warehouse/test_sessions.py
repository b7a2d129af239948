from __future__ import annotations

import asyncio

import pytest

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.sessions import Sessions


class Connection:
    """Only says that it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


async def test_one_query_at_a_time() -> None:
    sessions = Sessions()
    first = sessions.take("u", "s", must_exist=False)
    with pytest.raises(ClickHouseError) as refused:
        sessions.take("u", "s", must_exist=False)
    assert refused.value.code == 373
    assert sessions.take("other", "s", must_exist=False) is not first
    sessions.give_back("u", "s", first, 60)
    assert sessions.take("u", "s", must_exist=True) is first


async def test_a_session_that_must_exist() -> None:
    with pytest.raises(ClickHouseError) as refused:
        Sessions().take("u", "s", must_exist=True)
    assert refused.value.code == 372


async def test_it_ends_with_its_timeout() -> None:
    sessions = Sessions()
    session = sessions.take("u", "s", must_exist=False)
    session.connection = connection = Connection()
    sessions.give_back("u", "s", session, 0)
    async with asyncio.timeout(5):
        while not connection.closed:
            await asyncio.sleep(0)
    with pytest.raises(ClickHouseError):
        sessions.take("u", "s", must_exist=True)
