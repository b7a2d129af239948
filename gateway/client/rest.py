"""REST with a token, asked again while the gateway is away or has enough to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from gateway.errors import Refused

GetToken = Callable[[], Awaitable[str]]
AGAIN_SECONDS = 1.0


class Rest:
    """Calls of one person. `http` knows the gateway's address; `token` is asked before each call."""

    def __init__(self, http: aiohttp.ClientSession, token: GetToken, patience: float = 30.0) -> None:
        self._http = http
        self._token = token
        self._patience = patience

    async def get(self, path: str, **query: str | int) -> Any:
        """The answer's JSON. Refused."""
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: Any) -> Any:
        """The answer's JSON. Refused. The same body is sent again where it may not have arrived."""
        return await self._call("POST", path, json=body)

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        """Refused 503 after `patience` seconds without an answer; every other no is the gateway's own."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._patience
        while True:
            headers = {"Authorization": f"Bearer {await self._token()}"}
            try:
                async with self._http.request(method, path, headers=headers, **more) as response:
                    if response.status < 300:
                        return await response.json()
                    refusal = await _refusal(response)
            except (aiohttp.ClientError, TimeoutError) as error:
                refusal = Refused(503, "unreachable", f"The gateway does not answer: {error!r}")
            wait = AGAIN_SECONDS if refusal.retry_after is None else refusal.retry_after
            if (refusal.status != 429 and refusal.status < 500) or loop.time() + wait > give_up:
                raise refusal
            await asyncio.sleep(wait)


async def _refusal(response: aiohttp.ClientResponse) -> Refused:
    """The one shape of errors, or whatever stands between us and the gateway said instead."""
    try:
        error = (await response.json())["error"]
        return Refused(response.status, error["code"], error["message"], error.get("retry_after"))
    except (aiohttp.ClientError, ValueError, KeyError, TypeError):
        return Refused(response.status, "http", f"HTTP {response.status} from {response.url}.")
