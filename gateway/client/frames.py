"""What the gateway says, as far as a client has to know it. `gateway/protocol.py` has what a client says."""

from __future__ import annotations

from typing import Any

import msgspec


class Limits(msgspec.Struct):
    """What this gateway takes: bytes of a message, channels of a connection."""

    frame_bytes: int = 64 * 1024
    channels: int = 200


class Welcome(msgspec.Struct, tag_field="t", tag="welcome"):
    """The token was good. `heartbeat`: ms between beats."""

    v: int
    heartbeat: int
    limits: Limits = msgspec.field(default_factory=Limits)


class Subbed(msgspec.Struct, tag_field="t", tag="subbed"):
    """A channel is heard from `cur` on; `snapshot` where that is not where this client was.

    `n`: of the sub that it answers, none with hello. `system_alerts`: what watchdogs said of the whole group,
    to who comes back; no cursor covers it.
    """

    ch: str
    cur: str
    snapshot: dict[str, Any] | None = None
    system_alerts: list[dict[str, Any]] = []
    n: int | None = None


class Ev(msgspec.Struct, tag_field="t", tag="ev"):
    """An event. `at`: ms."""

    type: str
    ch: str
    id: str
    at: int
    d: dict[str, Any]
    cur: str | None = None


class Ack(msgspec.Struct, tag_field="t", tag="ack"):
    """The log has it."""

    id: str


class Nack(msgspec.Struct, tag_field="t", tag="nack"):
    """No to a command's id or a channel. `retry_after` (s): not now."""

    id: str
    code: str
    message: str
    retry_after: float | None = None


class Beat(msgspec.Struct, tag_field="t", tag="beat"):
    """How many events this connection was sent; `cur`: all channels are heard up to there."""

    count: int
    cur: str | None = None


class Stale(msgspec.Struct, tag_field="t", tag="stale"):
    """Kafka has not answered the gateway since `since` (ms); None: it answers again."""

    since: int | None


class Drain(msgspec.Struct, tag_field="t", tag="drain"):
    """Come back after `after` and a part of `jitter` ms."""

    after: int
    jitter: int


class AuthExpiring(msgspec.Struct, tag_field="t", tag="auth_expiring"):
    """A new token is needed soon."""


Frame = Welcome | Subbed | Ev | Ack | Nack | Beat | Stale | Drain | AuthExpiring
_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)


def read(text: str | bytes) -> Frame | None:
    """The frame, None for one that says nothing to this client: kinds and shapes that come later."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
