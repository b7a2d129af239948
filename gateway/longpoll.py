"""/api/websocket/events: the same events and cursors for networks that break sockets: SSE and long-poll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from gateway.auth import SignedIn
from gateway.claims import Claims
from gateway.errors import Refused
from gateway.feed import Feed
from gateway.protocol import HEARTBEAT_MS, MAX_FRAME_BYTES, Pub
from gateway.publish import publish
from gateway.ring import Event
from gateway.state import Live, State
from infra.runtime import metrics

router = APIRouter(tags=["events"])
MAX_CHANNELS = 20
# Unread beyond this the listener is behind and goes on from the log.
BUFFER_BYTES = 64 * 1024
POLL_SECONDS = 25.0
_STATUS = {"unknown": 503, "log_unavailable": 503, "rate_limited": 429, "forbidden": 403}


class Buffer:
    """A sink that a response reads from: (cursor, JSON) pairs."""

    def __init__(self) -> None:
        self._frames: list[tuple[str, bytes]] = []
        self._size = 0
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def write(self, events: list[Event]) -> bool:
        """Keeps frames; False once the buffer is full."""
        for one in events:
            self._add(one.cursor, one.json)
        return self._room.is_set()

    def control(self, frame: dict[str, Any]) -> None:
        """Keeps a frame of the protocol."""
        self._add(frame.get("cur", ""), msgspec.json.encode(frame))

    async def ready(self) -> None:
        """There is room."""
        await self._room.wait()
        await asyncio.sleep(0)

    def _add(self, cursor: str, json: bytes) -> None:
        self._frames.append((cursor, json))
        self._size += len(json)
        self._filled.set()
        if self._size >= BUFFER_BYTES:
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


@router.get("/api/websocket/events")
async def listen(
    live: Live,
    claims: SignedIn,
    request: Request,
    ch: Annotated[list[str], Query(max_length=MAX_CHANNELS)],
    cur: str | None = None,
    poll: bool = False,
) -> Response:
    """The events of channels `ch` from cursor `cur` (or the Last-Event-ID header, or a snapshot) on.

    `text/event-stream`, each with its cursor as `id`; with `poll=1` one JSON object {events, cur}, after at
    most 25 s.
    """
    cursor = request.headers.get("last-event-id") or cur
    buffer = Buffer()
    feed = Feed(live, claims, buffer)
    try:
        for name in ch:
            feed.subscribe(name, cursor)
    except Refused:
        await feed.close()
        raise
    live.presence.opened(claims)
    if poll:
        return await _poll(live, claims, feed, buffer, cursor)
    return StreamingResponse(
        _stream(live, claims, feed, buffer),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _poll(live: State, claims: Claims, feed: Feed, buffer: Buffer, cursor: str | None) -> Response:
    with metrics.CONNECTIONS.labels("poll").track_inprogress():
        try:
            end = asyncio.get_running_loop().time() + POLL_SECONDS
            frames: list[tuple[str, bytes]] = []
            # `subbed` with `recovered` says nothing new: wait for what comes after it.
            while not any(b'"recovered":true' not in json for _, json in frames):
                left = end - asyncio.get_running_loop().time()
                if left <= 0:
                    break
                frames += await buffer.take(left)
            last = next((place for place, _ in reversed(frames) if place), cursor)
            body = {"events": [msgspec.Raw(json) for _, json in frames], "cur": last}
            return Response(msgspec.json.encode(body), media_type="application/json")
        finally:
            live.presence.closed(claims, live.clock())
            await feed.close()


async def _stream(live: State, claims: Claims, feed: Feed, buffer: Buffer) -> AsyncIterator[bytes]:
    with metrics.CONNECTIONS.labels("sse").track_inprogress():
        try:
            while live.clock() < claims.expires_at and not live.hub.draining:
                left = min(HEARTBEAT_MS, claims.expires_at - live.clock()) / 1000
                frames = await buffer.take(max(0.01, min(left, 1.0 if live.hub.draining else left)))
                if live.model.revoked(claims.token_id, claims.user_id, claims.property_id, claims.issued_at):
                    return
                if frames:
                    yield b"".join(
                        (f"id: {place}\n".encode() if place else b"") + b"data: " + json + b"\n\n"
                        for place, json in frames
                    )
                else:
                    yield b": beat\n\n"
        finally:
            live.presence.closed(claims, live.clock())
            await feed.close()


@router.post("/api/websocket/events")
async def say(live: Live, claims: SignedIn, request: Request) -> Response:
    """Publishes {id, cmd, d} as a socket's `pub` does: 200 with the ack, else the nack's error."""
    body = await request.body()
    if len(body) > MAX_FRAME_BYTES:
        raise Refused(413, "too_large", f"At most {MAX_FRAME_BYTES} bytes.")
    try:
        raw = msgspec.json.decode(body, type=dict[str, Any])
        pub = msgspec.convert(raw | {"t": "pub"}, Pub)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError, RecursionError) as error:
        raise Refused(400, "malformed", f"Not a pub: {str(error)[:200]}") from error
    answer = await publish(live, claims, pub)
    if answer["t"] == "nack":
        status = _STATUS.get(answer["code"], 400)
        raise Refused(status, answer["code"], answer["message"], answer.get("retry_after"))
    return JSONResponse(answer)
