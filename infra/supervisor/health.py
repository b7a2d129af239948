"""Does a part do its work now? Each check gives None, or the reason why not."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from http.client import HTTPException

from infra.engines.kafka import broker
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings

Check = Callable[[], Awaitable[str | None]]

TIMEOUT_SECONDS = 2.0


class Silent(str):
    """The reason of a part that gave no answer at all; "not ready" is an answer."""


def http(url: str) -> Check:
    """Ready when `url` answers 200."""

    async def check() -> str | None:
        return await asyncio.to_thread(_get, url)

    return check


def kafka(port: int) -> Check:
    """Ready when the broker on 127.0.0.1 serves requests."""

    async def check() -> str | None:
        answered = await asyncio.to_thread(broker.answers, "127.0.0.1", port)
        return None if answered else Silent("Kafka does not answer")

    return check


async def running() -> str | None:
    """Ready as soon as it runs."""
    return None


async def wait_for_warehouse(settings: Settings, deadline: float = 60.0) -> None:
    """Returns when the warehouse answers a ping. Problem after `deadline` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    check = http(f"{settings.clickhouse_address}/ping")
    while reason := await check():
        if loop.time() > end:
            raise Problem(f"The warehouse at {settings.clickhouse_address} does not answer: {reason}.")
        await asyncio.sleep(0.05)


def _get(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS):  # noqa: S310  # our own http address
            return None
    except urllib.error.HTTPError as error:
        with error:
            return _reason(error.read(1000).decode(errors="replace")) or f"status {error.code}"
    except (OSError, HTTPException) as error:
        return Silent(getattr(error, "reason", error))


def _reason(body: str) -> str:
    """The sentence of a /readyz; of another answer its beginning."""
    try:
        return str(json.loads(body)["reason"])
    except (ValueError, KeyError, TypeError):
        return body[:300]
