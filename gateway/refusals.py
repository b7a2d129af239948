"""A refusal as HTTP says it: the one shape, and the headers that go with it."""

from __future__ import annotations

from starlette.responses import JSONResponse

from gateway.errors import Refused


def answer(refusal: Refused) -> JSONResponse:
    """A refusal as REST says it."""
    headers = {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(refusal.retry_after)))
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(refusal.body(), status_code=refusal.status, headers=headers)
