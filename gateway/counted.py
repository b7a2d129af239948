"""Every command that comes in is counted and timed, by a socket, by Socket.IO or by REST."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from gateway.commands import BODIES
from gateway.errors import Refused
from infra.runtime import metrics

Way = Literal["socket", "socketio", "rest"]


def kind_of(cmd: str) -> str:
    """The label of a command: its agent or `chat`; whatever else somebody makes up is `other`."""
    known = cmd in BODIES or cmd.startswith("chat.")
    return cmd.partition(".")[0] if known else "other"


@contextmanager
def counted(cmd: str, way: Way) -> Iterator[None]:
    """From the command to its ack: the log has it. What an agent makes of it is counted there."""
    began, kind, outcome = time.monotonic(), kind_of(cmd), "unknown"
    try:
        yield
        outcome = "acked"
        metrics.ACK_SECONDS.labels(way).observe(time.monotonic() - began)
    except Refused as no:
        outcome = "unknown" if no.code == "unknown" else "refused"
        raise
    finally:
        metrics.COMMANDS.labels(kind, outcome, way).inc()
