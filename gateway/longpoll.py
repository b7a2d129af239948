"""/api/websocket/events: the same events and cursors for networks that break sockets: SSE and long-poll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway import chat, permissions
from gateway.auth import SignedIn
from gateway.channels import demand
from gateway.claims import Claims
from gateway.errors import Refused, too_many
from gateway.feed import Feed
from gateway.protocol import FORBIDDEN, HEARTBEAT_MS, MAX_RESUMED, SUPERSEDED, Pub, nack
from gateway.publish import publish
from gateway.rest.wire import body_of, give, told
from gateway.ring import Event
from gateway.state import Live, State
from infra.runtime import metrics

router = APIRouter(tags=["events"])
POLL_SECONDS = 25.0
_STATUS = {
    "unknown": 503, "log_unavailable": 503, "rate_limited": 429, "forbidden": 403, "not_yours": 403,
    "id_taken": 409, "closed": 409, "unknown_command": 400,
}  # fmt: skip
_SHUT = {FORBIDDEN: 403, SUPERSEDED: 409}


class Publish(msgspec.Struct):
    """A command as a socket's `pub` says it: `id` is the sender's, the same again has one effect."""

    id: str
    cmd: str
    d: dict[str, Any] = {}


class Ack(msgspec.Struct):
    """The log has it."""

    id: str
    cur: str
    t: Literal["ack"] = "ack"


class Heard(msgspec.Struct):
    """A poll's answer: frames as on a socket, and the cursor to go on from."""

    events: list[dict[str, Any]]
    cur: str | None


class Buffer:
    """A connection that a response reads from: (cursor, JSON) pairs. With `most` bytes unread it is full.

    `refused`: it has to end, and why. `leaving`: it ends with what is there; the client comes back.
    """

    def __init__(self, claims: Claims, most: int) -> None:
        self.claims = claims
        self._most = most
        self.feed: Feed | None = None
        self.refused: Refused | None = None
        self.leaving = False
        self._frames: list[tuple[str, bytes]] = []
        self._size = 0
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def write(self, events: list[Event], wire: bytes) -> bool:
        """Keeps frames; False once the buffer is full."""
        for one in events:
            self._add(one.cursor, one.json)
        return self._room.is_set()

    def control(self, frame: dict[str, Any]) -> None:
        """Keeps a frame of the protocol."""
        self._add(frame.get("cur", ""), msgspec.json.encode(frame))

    def shut(self, code: int, reason: str) -> None:
        """Ends it from outside: revoked, superseded; at last drained. What was not read stays unsaid."""
        self.refused = Refused(_SHUT.get(code, 503), reason, "This connection was ended: sign in again.")
        self._filled.set()

    def drain(self, jitter_ms: int) -> None:
        """The answer ends at once; its client comes back with its cursor, wherever it is sent."""
        self.leaving = True
        self._filled.set()

    def recheck(self) -> None:
        """Leaves the channels that are not this person's any more, and says so."""
        for name in self.feed.recheck() if self.feed is not None else ():
            self.control(nack(name, "forbidden", f"{name} is not yours any more."))

    async def ready(self) -> None:
        """There is room."""
        await self._room.wait()
        await asyncio.sleep(0)

    def _add(self, cursor: str, json: bytes) -> None:
        self._frames.append((cursor, json))
        self._size += len(json)
        self._filled.set()
        if self._size >= self._most:
            self._room.clear()

    async def take(self, seconds: float) -> list[tuple[str, bytes]]:
        """All frames, waiting for the first one at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._filled.wait()
        except TimeoutError:
            return []
        frames, self._frames, self._size = self._frames, [], 0
        self._filled.clear()
        self._room.set()
        return frames


@router.get("/api/websocket/events", **told(Heard, also=(404, 409, 422, 503)))
async def listen(
    live: Live,
    claims: SignedIn,
    request: Request,
    ch: Annotated[list[str], Query(description="At most 1,000; as many are heard as one connection may.")],
    cur: str | None = None,
    poll: bool = False,
) -> Response:
    """The events of channels `ch` from cursor `cur` (or the Last-Event-ID header, or a snapshot) on.

    `text/event-stream`, each with its cursor as `id`; with `poll=1` one JSON object {events, cur}, after at
    most 25 s. A channel that is not yours, or is one too many, is refused with a `nack` among the frames, and
    with 403 if none is yours.
    """
    if len(ch) > MAX_RESUMED:
        raise too_many(live.settings.socket_channels)
    cursor = request.headers.get("last-event-id") or cur
    if not poll:
        live.limits.take(claims, "connect", live.clock())
    buffer = Buffer(claims, live.settings.socket_unsent_bytes)
    feed = buffer.feed = Feed(live, claims, buffer)
    ours, refused = _sorted(live, claims, ch)
    try:
        feed.resume(ours, cursor)
    except Refused:
        await feed.close()
        raise
    for name, no in refused:
        buffer.control(nack(name, no.code, no.message))
    if poll:
        async with _heard(live, feed, buffer, "poll"):
            return await _poll(live, buffer, cursor)
    return _Stream(live, feed, buffer)


def _sorted(live: State, claims: Claims, names: list[str]) -> tuple[list[str], list[tuple[str, Refused]]]:
    """(channels one may hear, the others with why not). Refused 403 if there is none of the first."""
    ours, refused = list[str](), list[tuple[str, Refused]]()
    most = live.settings.socket_channels
    for name in dict.fromkeys(names):
        try:
            demand(claims, name, live.model)
            if len(ours) < most:
                ours.append(name)
            else:
                refused.append((name, too_many(most)))
        except Refused as no:
            if no.status != 403:
                raise
            refused.append((name, no))
    if refused and not ours:
        raise refused[0][1]
    return ours, refused


@asynccontextmanager
async def _heard(live: State, feed: Feed, buffer: Buffer, transport: str) -> AsyncIterator[None]:
    """One listener of this gateway, from its first byte to its last."""
    live.sockets.add(buffer)
    live.presence.opened(buffer.claims)
    try:
        with metrics.CONNECTIONS.labels(transport).track_inprogress():
            yield
    finally:
        live.sockets.remove(buffer)
        live.presence.closed(buffer.claims, live.clock())
        await feed.close()


async def _poll(live: State, buffer: Buffer, cursor: str | None) -> Response:
    end = min(live.clock() + POLL_SECONDS * 1000, buffer.claims.expires_at)
    frames: list[tuple[str, bytes]] = []
    # `subbed` with `recovered` says nothing new: wait for what comes after it.
    while all(json.startswith(b'{"t":"subbed"') and b'"recovered":true' in json for _, json in frames):
        left = (end - live.clock()) / 1000
        if left <= 0 or buffer.leaving:
            break
        frames += await buffer.take(left)
        if buffer.refused is not None:
            raise buffer.refused
    last = next((place for place, _ in reversed(frames) if place), cursor)
    body = {"events": [msgspec.Raw(json) for _, json in frames], "cur": last}
    return Response(msgspec.json.encode(body), media_type="application/json")


class _Stream(StreamingResponse):
    """Server-sent events until the token ends, somebody ends it, or the client leaves."""

    def __init__(self, live: State, feed: Feed, buffer: Buffer) -> None:
        self._live, self._feed, self._buffer = live, feed, buffer
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(self._events(), media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole answer; a client that leaves before its first byte is left, too."""
        async with _heard(self._live, self._feed, self._buffer, "sse"):
            await super().__call__(scope, receive, send)

    async def _events(self) -> AsyncIterator[bytes]:
        live, buffer = self._live, self._buffer
        while (left := buffer.claims.expires_at - live.clock()) > 0:
            frames = await buffer.take(min(HEARTBEAT_MS, left) / 1000)
            if buffer.refused is not None:
                return
            yield (
                b"".join(
                    (f"id: {place}\n".encode() if place else b"") + b"data: " + json + b"\n\n"
                    for place, json in frames
                )
                or b": beat\n\n"
            )
            if buffer.leaving:
                return


@router.post(
    "/api/websocket/events",
    **told(Ack, Publish, also=(404, 409, 503), commands=chat.MAY.keys() | permissions.MAY.keys()),
)
async def say(live: Live, claims: SignedIn, body: Annotated[Publish, Depends(body_of(Publish))]) -> Response:
    """Publishes as a socket's `pub` does: 200 with the ack, else the nack as an error."""
    answer = await publish(live, claims, Pub(id=body.id, cmd=body.cmd, d=body.d), "rest")
    if answer["t"] == "nack":
        # What else begins so names a thing that does not exist.
        status = _STATUS.get(answer["code"], 404 if answer["code"].startswith("unknown_") else 400)
        raise Refused(status, answer["code"], answer["message"], answer.get("retry_after"))
    return give(Ack(answer["id"], answer["cur"]))
