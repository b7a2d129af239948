"""REST as OpenAPI, made from the routes and the types of their bodies.

`python -m gateway.openapi` writes `docs/reference/openapi.json` and `docs/reference/rest.md`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway import longpoll
from gateway.rest import ROUTERS
from gateway.rest.wire import components

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_ITEM = r'"[a-z]+";%s=[0-9]+;%s=[0-9]+'
HEADERS = {
    "Stale-Since": {
        "description": "Kafka has not answered since (ms): what this says may be old. Absent while it does.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Retry-After": {
        "description": "Come back after so many seconds.",
        "schema": {"type": "integer", "minimum": 1},
    },
    **{
        name: {
            "description": f"{says} An item for each kind of token that this took.",
            "schema": {"type": "string", "pattern": f"^{item}(, {item})*$"},
        }
        for name, says, item in (
            ("RateLimit-Policy", "`q` at once, which come back within `w` seconds.", _ITEM % ("q", "w")),
            ("RateLimit", "`r` are left; in `t` seconds there are `q` again.", _ITEM % ("r", "t")),
        )
    },
}
_REFUSED_FOR_NOW = ("429", "503")
# Anybody may ask these.
OPEN = ("/api/auth/session", "/api/slo")
METHODS = ("get", "post", "put", "delete")


def document() -> dict[str, Any]:
    """The OpenAPI document of every route of REST."""
    app = FastAPI()
    for router in (longpoll.router, *ROUTERS):
        app.include_router(router)
    found = get_openapi(title="Concierge Live", version="1", routes=app.routes)
    known = found.setdefault("components", {}).setdefault("schemas", {})
    known.update(components())
    for name in ("HTTPValidationError", "ValidationError"):
        known.pop(name, None)  # FastAPI's own shape; ours is one for all errors
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, operations in found["paths"].items():
        for operation in operations.values():
            ours = path.startswith("/api/")
            if ours and "422" in operation["responses"]:
                operation["responses"]["422"] = {"description": "A parameter is not valid.", "content": error}
            if ours:
                for status, answer in operation["responses"].items():
                    answer["headers"] = {
                        name: {"$ref": f"#/components/headers/{name}"}
                        for name in HEADERS
                        if name != "Retry-After" or status in _REFUSED_FOR_NOW
                    }
            if ours and path not in OPEN:
                operation["security"] = [{"bearer": []}, {"session": []}]
    found["components"]["headers"] = HEADERS
    found["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "session": {"type": "apiKey", "in": "cookie", "name": "concierge_session"},
    }
    return found


def page(found: dict[str, Any]) -> str:
    """The document as a page for people."""
    lines = [
        "# REST",
        "",
        "Made from the code by `python -m gateway.openapi`; every field is in [openapi.json](openapi.json).",
        "",
        "Sign in by a bearer token or the session cookie (then writes must come from our own pages).",
        'Every error is `{"error": {"code", "message", "retry_after"?}}`. A command answers 200 (accepted),',
        "409 or 404 (refused, with the reason), or 202 after 2 s without an answer: it is on the log; the",
        "answer comes as an event. 503 `log_unavailable`: nothing was sent. 503 `unknown`: send the same id",
        "again. The same id again has one effect. While Kafka is away reads go on, and the header",
        "`Stale-Since` (ms) says since when they may be old.",
        "",
        "Each person has so many tokens of a kind ([bounds](protocol.md)): a read takes a `read`, a write",
        "a `frame`, a command also a `command`, an emergency an `emergency` instead, a stream a `connect`.",
        "What is left stands in the headers of every answer that took some, 429 too, as",
        "draft-ietf-httpapi-ratelimit-headers writes it (scripts of other origins may read them):",
        "",
        "```",
        'RateLimit-Policy: "frame";q=1000;w=10, "command";q=60;w=3',
        'RateLimit: "frame";r=999;t=1, "command";r=59;t=1',
        "```",
        "",
        "`q` at once come back within `w` seconds, `r` are left, and in `t` seconds there are `q` again.",
        "429 and 503 say in `Retry-After` when to come back.",
        "",
        "A sign-in code is a signed token; that it was used is written to `settings`. Two gateways asked",
        "with the same code within the milliseconds that record travels may both accept it.",
        "",
        "| call | does | body |",
        "| --- | --- | --- |",
    ]
    for path, operations in sorted(found["paths"].items()):
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                does = " ".join(operation.get("description", "").split()).replace("|", "\\|")
                lines.append(f"| `{method.upper()} {path}` | {does} | {_body(operation)} |")
    return "\n".join(lines) + "\n"


def _body(operation: dict[str, Any]) -> str:
    if "requestBody" not in operation:
        return ""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return f"`{schema['$ref'].rpartition('/')[2]}`"


def text(found: dict[str, Any]) -> str:
    """The document as it lies in the file."""
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "openapi.json").write_text(text(document()))
    (FOLDER / "rest.md").write_text(page(document()))
