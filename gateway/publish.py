"""A client's `pub`, whatever the transport: onto the log, seen by the own tail, then acked or refused."""

from __future__ import annotations

from typing import Any

import structlog

from gateway import commands, protocol
from gateway.claims import Claims
from gateway.counted import Way, counted, kind_of
from gateway.errors import Refused
from gateway.protocol import Pub
from gateway.state import State

log = structlog.get_logger()
MAX_ID_CHARS = 200


async def publish(live: State, claims: Claims, pub: Pub, way: Way = "socket") -> dict[str, Any]:
    """The `ack` or `nack` of a pub."""
    if not 0 < len(pub.id) <= MAX_ID_CHARS:
        return protocol.nack(pub.id[:MAX_ID_CHARS], "malformed", "`id` is 1 to 200 characters.")
    try:
        with counted(pub.cmd, way):
            cursor = await commands.publish(live, claims, pub.id, pub.cmd, pub.d)
    except Refused as refusal:
        return protocol.nack(pub.id, refusal.code, refusal.message, refusal.retry_after)
    except Exception:
        log.exception("a command failed", command=kind_of(pub.cmd))
        return protocol.nack(pub.id, "unknown", "Something went wrong here. It was logged.", 2.0)
    return {"t": "ack", "id": pub.id, "cur": cursor}
