"""The socket's protocol without I/O: text in, effects out. The shell does what the effects say.

A message is one frame, or an array of frames that are taken in order; `hello` comes alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.claims import Claims
from gateway.errors import Unauthorized
from gateway.limits import told
from infra.runtime.settings import Settings

VERSION = 1
HELLO_MS = 5_000
HEARTBEAT_MS = 15_000
DEAD_MS = 60_000
WARN_BEFORE_EXPIRY_MS = 60_000
# Channels in one hello or request, however many a connection may hear: each that it may not is answered.
MAX_RESUMED = 1_000

DRAIN, DEAD, RATE = 4000, 4008, 4029
EXPIRED, PROTOCOL, UNAUTHORIZED, FORBIDDEN, SUPERSEDED, TOO_LARGE = 4101, 4400, 4401, 4403, 4409, 4413


class Hello(msgspec.Struct, tag_field="t", tag="hello"):
    """The first frame. `token` empty: the cookie. `resume`: cursor, or null for a snapshot, by channel."""

    v: int
    token: str = ""
    resume: dict[str, str | None] = {}


class Sub(msgspec.Struct, tag_field="t", tag="sub"):
    """Listen to a channel, from a cursor or a snapshot on. `n` comes back in the `subbed` that answers it."""

    ch: str
    cur: str | None = None
    n: int | None = None


class Unsub(msgspec.Struct, tag_field="t", tag="unsub"):
    """Listen no more."""

    ch: str


class Pub(msgspec.Struct, tag_field="t", tag="pub"):
    """Say something: a command `cmd` with body `d`. The same `id` again has one effect."""

    id: str
    cmd: str
    d: dict[str, Any] = {}


class Got(msgspec.Struct, tag_field="t", tag="got"):
    """Everything up to this cursor has come, of one channel or (`ch` empty) of all that are heard."""

    cur: str
    ch: str = ""


class Auth(msgspec.Struct, tag_field="t", tag="auth"):
    """A fresh token for the open socket."""

    token: str


class Ping(msgspec.Struct, tag_field="t", tag="ping"):
    """Still here; `away`: nobody looks at the page."""

    away: bool = False


Frame = Hello | Sub | Unsub | Pub | Got | Auth | Ping
KINDS: dict[str, type] = {
    "hello": Hello, "sub": Sub, "unsub": Unsub, "pub": Pub, "got": Got, "auth": Auth, "ping": Ping,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Send:
    """Send this frame."""

    frame: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Close:
    """Close with this code."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verify:
    """Verify the token ("" : the cookie); answer by `verified` or `rejected`."""

    token: str
    resume: dict[str, str | None] = field(default_factory=dict)


Effect = Send | Close | Verify | Sub | Unsub | Pub | Got | Ping


def nack(about: str, code: str, message: str, retry_after: float | None = None) -> dict[str, Any]:
    """A clear no to one frame; `about` is the id of a pub, the channel of a sub, else empty."""
    frame = {"t": "nack", "id": about, "code": code, "message": message}
    return frame if retry_after is None else frame | {"retry_after": retry_after}


class Session:
    """One connection. Times are ms; `session_id` names it in logs and in `welcome`."""

    def __init__(self, session_id: str, now: int, settings: Settings) -> None:
        self.session_id = session_id
        self._settings = settings
        self.claims: Claims | None = None
        self.closed = False
        self._began = now
        self._beat_at = now + HEARTBEAT_MS
        self._verifying = False
        self._warned = False

    def received(self, data: str | bytes) -> list[Effect]:
        """What one message asks for."""
        if self.closed:
            return []
        if isinstance(data, bytes):
            return self._close(PROTOCOL, "frames are JSON text")
        most = self._settings.socket_frame_bytes
        if len(data) > most or len(data.encode(errors="replace")) > most:
            return self._close(TOO_LARGE, "frame too large")
        try:
            raw = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return self._close(PROTOCOL, "not JSON")
        if not isinstance(raw, list):
            return self._one(raw)
        if self.claims is None:
            return self._close(PROTOCOL, "hello comes first, and alone")
        if not 0 < len(raw) <= self._settings.socket_frames:
            return self._close(PROTOCOL, f"1 to {self._settings.socket_frames} frames at once")
        found: list[Effect] = []
        for one in raw:
            if not self.closed:
                found += self._one(one)
        return found

    def _one(self, raw: Any) -> list[Effect]:
        if not isinstance(raw, dict) or not isinstance(raw.get("t"), str):
            return self._close(PROTOCOL, "a frame is an object with a kind `t`")
        kind = KINDS.get(raw["t"])
        if self.claims is None and kind is not Hello:
            return self._close(PROTOCOL, "hello comes first")
        about = raw.get("id") or raw.get("ch") or ""
        about = about[:500] if isinstance(about, str) else ""
        if kind is None:
            return [Send(nack(about, "unknown_kind", f"There is no frame {raw['t'][:40]!r}."))]
        try:
            frame: Frame = msgspec.convert(raw, kind)
        except msgspec.ValidationError as error:
            if kind is Hello:
                return self._close(PROTOCOL, "malformed hello")
            return [Send(nack(about, "malformed", str(error)[:300]))]
        return self._frame(frame)

    def _frame(self, frame: Frame) -> list[Effect]:
        if isinstance(frame, Hello):
            if self.claims is not None or self._verifying:
                return self._close(PROTOCOL, "hello comes once")
            if frame.v != VERSION:
                return self._close(PROTOCOL, f"version {VERSION} is spoken here")
            if len(frame.resume) > MAX_RESUMED:
                return self._close(PROTOCOL, "too many channels")
            self._verifying = True
            return [Verify(frame.token, frame.resume)]
        if isinstance(frame, Auth):
            return [Verify(frame.token)]
        return [frame]

    def verified(self, claims: Claims, resume: dict[str, str | None]) -> list[Effect]:
        """The token is good: welcome, or a quiet go on with the new one."""
        before, self.claims = self.claims, claims
        self._warned = False
        if before is None:
            welcome = {
                "t": "welcome", "v": VERSION, "session": self.session_id, "heartbeat": HEARTBEAT_MS,
                "user_id": claims.user_id, "property_id": claims.property_id,
                "token_expires": claims.expires_at, "limits": told(self._settings),
            }  # fmt: skip
            return [Send(welcome), *(Sub(ch=name, cur=cursor) for name, cursor in resume.items())]
        if (before.user_id, before.property_id) != (claims.user_id, claims.property_id):
            return self._close(FORBIDDEN, "another person's token")
        return [Send({"t": "authed", "token_expires": claims.expires_at})]

    def rejected(self, error: Unauthorized) -> list[Effect]:
        """The token is no good."""
        return self._close(error.close_code, error.code)

    def tick(self, now: int, heard: int, count: int, cursor: str | None) -> list[Effect]:
        """Time has passed. `heard`: when its last byte came; `cursor`: where it is, if current."""
        if self.closed:
            return []
        if self.claims is None:
            # Whatever holds it up, it may come back: a phone in a lift is no stranger.
            return self._close(DEAD, "no hello") if now - self._began >= HELLO_MS else []
        if now >= self.claims.expires_at:
            return self._close(EXPIRED, "token_expired")
        if now - heard >= DEAD_MS:
            return self._close(DEAD, "dead")
        found: list[Effect] = []
        if not self._warned and now >= self.claims.expires_at - WARN_BEFORE_EXPIRY_MS:
            self._warned = True
            found.append(Send({"t": "auth_expiring", "token_expires": self.claims.expires_at}))
        if now >= self._beat_at:
            self._beat_at = now + HEARTBEAT_MS
            found.append(Send({"t": "beat", "count": count} | ({"cur": cursor} if cursor else {})))
        return found

    def wake_in(self, now: int) -> float:
        """Seconds until `tick` may have something to do."""
        if self.claims is None:
            at = self._began + HELLO_MS
        else:
            warn = self.claims.expires_at - (0 if self._warned else WARN_BEFORE_EXPIRY_MS)
            at = min(self._beat_at, warn)
        return max(0.01, (at - now) / 1000)

    def _close(self, code: int, reason: str) -> list[Effect]:
        self.closed = True
        return [Close(code, reason)]
