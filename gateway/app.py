"""The gateway as one ASGI app: sockets, events, REST, probes, pages; its parts live in the lifespan."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import prometheus_client
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway import longpoll, socket
from gateway.errors import Refused
from gateway.lifespan import opened
from gateway.pages import Pages
from gateway.refusals import answer
from gateway.served import Served
from gateway.socketio import SocketIO
from gateway.state import Live, State
from infra.runtime.settings import Settings

WEB = Path(__file__).parent / "web"

probes = APIRouter(tags=["probes"])


@probes.get("/healthz")
async def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@probes.get("/readyz")
async def readyz(live: Live) -> JSONResponse:
    """Whether what it says is current: the read model is loaded, Kafka answers, it is not leaving."""
    stale, reason = live.tail.stale_since, ""
    if not live.tail.loaded:
        reason = "the read model is being loaded"
    elif live.hub.draining:
        reason = "it is leaving"
    elif stale is not None:
        since = datetime.datetime.fromtimestamp(stale // 1000, datetime.UTC)
        reason = f"Kafka has not answered since {since.isoformat()}"
    body = {
        "ready": not reason,
        "reason": reason,
        "loaded": live.tail.loaded,
        "stale_since": stale,
        "draining": live.hub.draining,
    }
    return JSONResponse(body, status_code=503 if reason else 200)


@probes.get("/metrics")
async def metrics() -> Response:
    """Prometheus text."""
    return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)


def create_app(settings: Settings, index: int = 0) -> FastAPI:
    """The app of gateway `index`. Its lifespan opens Kafka and loads the read model."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, State]]:
        async with opened(settings, index) as live:
            yield {"live": live}

    app = FastAPI(title="Concierge Live", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(Served)
    app.include_router(probes)
    app.include_router(socket.router)
    app.include_router(longpoll.router)
    # Imported when the app is made: routers import the state, and through it everything else here.
    for router in importlib.import_module("gateway.rest").ROUTERS:
        app.include_router(router)
    app.mount("/socket.io", SocketIO(settings), name="socketio")
    if WEB.is_dir():
        app.mount("/", Pages(WEB), name="web")
    return app


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return answer(error)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    return answer(Refused(error.status_code, code, str(error.detail)))


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    where = "; ".join(
        f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:5]
    )
    return answer(Refused(422, "invalid", f"The request is not valid: {where}"))


async def _failed(_: Request, __: Exception) -> Response:
    """The trace is in the log (the server logs it); the client gets the one shape and no more."""
    return answer(Refused(500, "internal", "Something went wrong here. It was logged."))
