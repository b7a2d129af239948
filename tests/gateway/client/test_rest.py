"""REST that asks again, against a small server."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from gateway.client.rest import Rest
from gateway.errors import Refused


async def fresh() -> str:
    return "t"


async def answer(statuses: list[int], body: object, patience: float = 5.0) -> object:
    """What a call gets of a server that answers with these, one after the other."""

    async def handle(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer t"
        return web.json_response(body, status=statuses.pop(0))

    app = web.Application()
    app.router.add_post("/x", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as http:
            return await Rest(http, fresh, patience).post("/x", {})
    finally:
        await runner.cleanup()


async def test_busy_and_away_are_asked_again() -> None:
    error = {"error": {"code": "c", "message": "m", "retry_after": 0.01}}
    assert await answer([429, 503, 502, 200], error) == error


async def test_a_no_is_a_no() -> None:
    with pytest.raises(Refused) as refused:
        await answer([409], {"error": {"code": "taken", "message": "It is taken."}})
    assert (refused.value.status, refused.value.code, refused.value.message) == (409, "taken", "It is taken.")
    with pytest.raises(Refused) as refused:
        await answer([404], ["not ours"])
    assert refused.value.code == "http"


async def test_patience_ends() -> None:
    with pytest.raises(Refused) as refused:
        await answer([503], {"error": {"code": "log_unavailable", "message": "m", "retry_after": 9.0}})
    assert refused.value.code == "log_unavailable"
    async with aiohttp.ClientSession("http://127.0.0.1:1") as http:
        with pytest.raises(Refused) as refused:
            await Rest(http, fresh, 0.0).get("/x")
    assert refused.value.code == "unreachable"
