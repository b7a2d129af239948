"""The small HTTP server in every process: /metrics, /healthz (the loop turns), /readyz (and why not)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from infra.runtime.problems import Problem
from infra.runtime.settings import Settings

Readiness = Callable[[], str | None]
"""None: ready to do its work now. Otherwise the reason why not, as a short sentence."""


@asynccontextmanager
async def serve(settings: Settings, ready: Readiness) -> AsyncIterator[int]:
    """Serves at `settings.probe_host` and `probe_port` (0: any free), which it yields. Problem if taken."""
    app = web.Application()

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"healthy": True})

    async def readyz(_: web.Request) -> web.Response:
        reason = ready()
        return web.json_response(
            {"ready": reason is None, "reason": reason or ""}, status=503 if reason else 200
        )

    app.add_routes([web.get("/metrics", metrics), web.get("/healthz", healthz), web.get("/readyz", readyz)])
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        yield await _listen(runner, settings.probe_host, settings.probe_port)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> int:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise Problem(
            f"Port {port} for this process's probes is taken ({error.strerror}): "
            "stop what uses it, or set CONCIERGE_PROBE_PORT to another, or mend CONCIERGE_PROBE_HOST."
        ) from error
    bound: int = runner.addresses[0][1]
    return bound
