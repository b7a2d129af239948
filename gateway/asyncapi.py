"""The socket's protocol as AsyncAPI 3, made from the code: `python -m gateway.asyncapi > FILE`."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from gateway import limits, protocol
from gateway.payloads import EVENT_TYPES, PAYLOADS, Person, Snapshot, SystemAlert
from infra.runtime.settings import Settings

_REF = "#/components/schemas/{name}"
_TEXT, _WHOLE, _NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def _of(shape: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": _REF.format(name=shape.__name__)}


_RATE = {
    "type": "object",
    "required": ["per_second", "burst"],
    "properties": {"per_second": _NUMBER, "burst": _NUMBER},
}
_RATES = {"type": "object", "additionalProperties": _RATE}
_TOLD = limits.told(Settings())
_LIMITS = {
    "type": "object",
    "required": list(_TOLD),
    "properties": dict.fromkeys(_TOLD, _WHOLE) | {"rates": _RATES},
}
# What the server says: kind -> (sentence, needed fields, further fields).
SERVER: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "welcome": (
        "The token was good.",
        {"v": _WHOLE, "session": _TEXT, "heartbeat": _WHOLE, "user_id": _TEXT, "property_id": _TEXT,
         "token_expires": _WHOLE, "limits": _LIMITS},
        {},
    ),
    "authed": ("The new token was good.", {"token_expires": _WHOLE}, {}),
    "subbed": (
        "A channel is heard from `cur` on: recovered (missed events follow) or with a snapshot.",
        {"ch": _TEXT, "cur": _TEXT},
        {"recovered": {"const": True}, "snapshot": _of(Snapshot), "reset": {"const": True},
         "n": _WHOLE, "stale_since": _WHOLE, "online": {"type": "array", "items": _of(Person)},
         "system_alerts": {"type": "array", "items": _of(SystemAlert)}},
    ),
    "stale": (
        "The log has not answered since `since` (ms): what is shown may be old; null: it answers again.",
        {"since": {"type": ["integer", "null"]}},
        {},
    ),
    "ev": (
        "An event; signals (typing, who is online) carry no cursor.",
        {"type": {"enum": list(EVENT_TYPES)}, "ch": _TEXT, "id": _TEXT, "at": _WHOLE,
         "d": {"type": "object"}},
        {"cur": _TEXT},
    ),
    "ack": ("The log has it.", {"id": _TEXT, "cur": _TEXT}, {}),
    "nack": (
        "No: `id` is the pub's id or the channel.",
        {"id": _TEXT, "code": _TEXT, "message": _TEXT},
        {"retry_after": {"type": "number"}},
    ),
    "beat": ("Events sent so far.", {"count": _WHOLE}, {"cur": _TEXT}),
    "pong": ("To a ping; `cur`: all up to there was told, as with `beat`.", {}, {"cur": _TEXT}),
    "drain": ("Come back after `after` + random(`jitter`) ms.", {"after": _WHOLE, "jitter": _WHOLE}, {}),
    "auth_expiring": ("Send `auth` before then.", {"token_expires": _WHOLE}, {}),
}  # fmt: skip
CLOSE_CODES = {
    protocol.DRAIN: "drain: come back", protocol.DEAD: "dead: no sign of life for 60 s, no hello for 5 s",
    protocol.RATE: "too often: come back with back-off", protocol.EXPIRED: "token expired: a new token",
    protocol.PROTOCOL: "not the protocol", protocol.UNAUTHORIZED: "missing or forged token",
    protocol.FORBIDDEN: "forbidden or revoked", protocol.SUPERSEDED: "superseded",
    protocol.TOO_LARGE: "frame too large",
}  # fmt: skip


def document() -> dict[str, Any]:
    """The whole document as JSON-able values."""
    shapes = [*protocol.KINDS.values(), *PAYLOADS.values(), Snapshot]
    _, parts = msgspec.json.schema_components(shapes, ref_template=_REF)
    messages: dict[str, Any] = {}
    for kind, frame in protocol.KINDS.items():
        messages[kind] = {"name": kind, "payload": _of(frame)}
    for kind, (sentence, needed, more) in SERVER.items():
        payload = {
            "type": "object", "required": ["t", *needed],
            "properties": {"t": {"const": kind}} | needed | more,
        }  # fmt: skip
        messages[kind] = {"name": kind, "summary": sentence, "payload": payload}
    messages["ev"]["payload"]["oneOf"] = [
        {"properties": {"type": {"const": name}, "d": _of(shape)}} for name, shape in PAYLOADS.items()
    ]
    channel = {"$ref": "#/channels/socket"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Concierge Live: the socket", "version": str(protocol.VERSION)},
        "channels": {
            "socket": {
                "address": "/api/websocket/connection",
                "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in messages},
                "x-close-codes": {str(code): why for code, why in CLOSE_CODES.items()},
            }
        },
        "operations": {
            "say": {
                "action": "receive",
                "channel": channel,
                "description": "One frame a message, or an array of up to `welcome.limits.frames` of them.",
                "messages": _refs(protocol.KINDS),
            },
            "tell": {"action": "send", "channel": channel, "messages": _refs(SERVER)},
        },
        "components": {"messages": messages, "schemas": parts},
    }


def _refs(kinds: Any) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/socket/messages/{kind}"} for kind in kinds]


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1)
    sys.stdout.write("\n")
