"""Bodies in and out: bounded, decoded by msgspec, and described for OpenAPI from the same types."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from gateway.errors import Refused
from gateway.state import live_state

B = TypeVar("B")
MAX_BULK_BYTES = 4 * 1024 * 1024
BODY_SECONDS = 30.0
LATER = 202
COMMANDS = "x-commands"
REF = "#/components/schemas/{name}"


class ErrorDetail(msgspec.Struct, omit_defaults=True):
    """What went wrong: `code` for programs, `message` for people, `retry_after` in seconds."""

    code: str
    message: str
    retry_after: float | None = None


class Error(msgspec.Struct):
    """The one shape of every error."""

    error: ErrorDetail


class Done(msgspec.Struct):
    """It is done."""

    done: bool = True


class Written(msgspec.Struct):
    """How many records the log has now."""

    written: int


async def read_bytes(request: Request, limit: int) -> bytes:
    """The body. Refused 413 as soon as it is longer than `limit` bytes, 408 when too slow, 400 if cut off."""
    too_large = Refused(413, "too_large", f"The body is larger than {limit} bytes.")
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limit:
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise too_large
                parts.append(part)
    except ClientDisconnect as error:
        raise Refused(400, "cut_off", "The body ended before it was whole.") from error
    except TimeoutError as error:
        raise Refused(408, "too_slow", f"The body took longer than {BODY_SECONDS:.0f} s.") from error
    return b"".join(parts)


def body_of(kind: type[B], limit: int | None = None) -> Callable[[Request], Awaitable[B]]:
    """A dependency: the JSON body as `kind`, of `limit` bytes at most; None: as a socket's message.

    Refused 400 (no JSON, wrong fields) or 413.
    """

    async def read(request: Request) -> B:
        raw = await read_bytes(request, limit or live_state(request).settings.socket_frame_bytes)
        try:
            return msgspec.json.decode(raw, type=kind)
        except msgspec.ValidationError as error:
            raise Refused(400, "invalid", f"The body is not valid: {error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(400, "bad_json", "The body is not JSON.") from error

    return read


def give(value: Any, status: int = 200) -> Response:
    """The value as JSON. Answers are for one person and one moment, so nothing keeps them."""
    return Response(
        msgspec.json.encode(value),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def told(
    gives: Any, takes: Any = None, also: tuple[int, ...] = (), commands: Iterable[str] = ()
) -> dict[str, Any]:
    """Keyword arguments of a route that describe it: what it takes and gives, and how it may refuse.

    `commands`: whose senders' roles are who may use it (`gateway/permissions.py`, `gateway/chat.py`).
    """
    _KNOWN.update({kind for kind in (gives, takes, Error) if kind is not None})
    failures = sorted({400, 401, 403, 429, *((408, 413) if takes is not None else ()), *also})
    found: dict[str, Any] = {
        "response_class": Response,
        "responses": {
            200: {"description": "Done.", "content": {"application/json": {"schema": _schema(gives)}}},
            **{code: _failure(code) for code in failures if code != LATER},
        },
    }
    if LATER in also:
        found["responses"][LATER] = found["responses"][200] | {"description": "On the log, not answered yet."}
    if takes is not None:
        content = {"application/json": {"schema": _schema(takes)}}
        found["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
    if commands:
        found["openapi_extra"][COMMANDS] = sorted(commands)
    return found


_WHY = {
    400: "Not valid.",
    401: "No good token.",
    403: "Not yours.",
    404: "No such thing.",
    408: "The body came too slowly.",
    409: "Refused, with the reason.",
    413: "Too large.",
    422: "A parameter is not valid.",
    429: "Too much at once.",
    503: "The log is away, or the outcome is unknown.",
}
_KNOWN: set[Any] = set()


def _failure(code: int) -> dict[str, Any]:
    content = {"application/json": {"schema": _schema(Error)}}
    return {"description": _WHY[code], "content": content}


def _schema(kind: Any) -> dict[str, Any]:
    (found,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return found


def components() -> dict[str, Any]:
    """The JSON schemas of everything that was described by `told`."""
    kinds = sorted(_KNOWN, key=str)
    _, found = msgspec.json.schema_components(kinds, ref_template=REF)
    return dict(sorted(found.items()))
