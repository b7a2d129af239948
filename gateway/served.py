"""What is noted of every HTTP answer: how long it took, what it took of its sender, since when it is old."""

from __future__ import annotations

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.limits import TAKEN, Taken, fields
from infra.runtime import metrics

# ms since 1970: Kafka has not answered since then. Absent while answers are current.
STALE_SINCE = "Stale-Since"


class Served:
    """ASGI middleware between the lifespan's state and the routes; sockets pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        taken: Taken = {}

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                since = scope["state"]["live"].tail.stale_since
                if since is not None and scope["path"].startswith("/api/"):
                    MutableHeaders(scope=message)[STALE_SINCE] = str(since)
                for name, value in fields(taken).items():
                    MutableHeaders(scope=message)[name] = value
                route = getattr(scope.get("route"), "path", "other")
                seconds = time.perf_counter() - began
                metrics.HTTP_SECONDS.labels(route, str(message["status"])).observe(seconds)
            await send(message)

        before = TAKEN.set(taken)
        try:
            await self._app(scope, receive, noted)
        finally:
            TAKEN.reset(before)
