from __future__ import annotations

import asyncio

import pytest

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.sessions import Sessions
from tests.patience import patience


class Connection:
    """Only says that it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


async def test_one_query_at_a_time() -> None:
    sessions = Sessions(9)
    first = sessions.take("u", "s", must_exist=False)
    with pytest.raises(ClickHouseError) as refused:
        sessions.take("u", "s", must_exist=False)
    assert refused.value.code == 373
    assert sessions.take("other", "s", must_exist=False) is not first
    sessions.give_back("u", "s", first, 60)
    assert sessions.take("u", "s", must_exist=True) is first


async def test_a_session_that_must_exist() -> None:
    with pytest.raises(ClickHouseError) as refused:
        Sessions(9).take("u", "s", must_exist=True)
    assert refused.value.code == 372


async def test_it_ends_with_its_timeout() -> None:
    sessions = Sessions(9)
    session = sessions.take("u", "s", must_exist=False)
    session.connection = connection = Connection()
    sessions.give_back("u", "s", session, 0)
    async with patience():
        while not connection.closed:
            await asyncio.sleep(0)
    with pytest.raises(ClickHouseError):
        sessions.take("u", "s", must_exist=True)


async def test_one_user_does_not_take_anothers_places() -> None:
    sessions = Sessions(2)
    for name in ("a", "b"):
        sessions.take("reader", name, must_exist=False)
    with pytest.raises(ClickHouseError) as refused:
        sessions.take("reader", "c", must_exist=False)
    assert refused.value.code == 202
    assert sessions.take("writer", "a", must_exist=False)


async def test_one_that_cannot_be_put_back_begins_anew() -> None:
    session = Sessions(9).take("u", "s", must_exist=False)
    session.connection = connection = Connection()
    session.home = session.current = "elsewhere"
    session.settings["max_threads"] = "2"
    session.forget()
    assert connection.closed
    assert (session.connection, session.home, session.current, session.settings) == (
        None, "default", "default", {},
    )  # fmt: skip
