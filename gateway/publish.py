"""A client's `pub`, whatever the transport: onto the log, seen by the own tail, then acked or refused."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from gateway import commands, protocol
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.protocol import Pub
from gateway.state import State
from infra.runtime import metrics

log = structlog.get_logger()
MAX_ID_CHARS = 200


async def publish(live: State, claims: Claims, pub: Pub) -> dict[str, Any]:
    """The `ack` or `nack` of a pub."""
    began = asyncio.get_running_loop().time()
    known = pub.cmd if pub.cmd in commands.BODIES or pub.cmd.startswith("chat.") else "other"
    kind = known.partition(".")[0]
    if not 0 < len(pub.id) <= MAX_ID_CHARS:
        return protocol.nack(pub.id[:MAX_ID_CHARS], "malformed", "`id` is 1 to 200 characters.")
    try:
        cursor = await commands.publish(live, claims, pub.id, pub.cmd, pub.d)
    except Refused as refusal:
        outcome = "unknown" if refusal.code == "unknown" else "refused"
        metrics.COMMANDS.labels(kind, outcome).inc()
        return protocol.nack(pub.id, refusal.code, refusal.message, refusal.retry_after)
    except Exception:
        log.exception("a command failed", command=kind)
        return protocol.nack(pub.id, "unknown", "Something went wrong here. It was logged.", 2.0)
    metrics.COMMANDS.labels(kind, "acked").inc()
    metrics.ACK_SECONDS.observe(asyncio.get_running_loop().time() - began)
    return {"t": "ack", "id": pub.id, "cur": cursor}
