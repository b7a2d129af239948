"""Bytes between a thread and the event loop, a few chunks at a time, so that a slow side slows the other."""

from __future__ import annotations

import asyncio
import threading
from collections import deque


class GoneError(Exception):
    """The other side has left."""


class _Pipe:
    def __init__(self, loop: asyncio.AbstractEventLoop, depth: int) -> None:
        self._loop = loop
        self._depth = depth
        self._chunks: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._wake = asyncio.Event()
        self._ended = False
        self._problem: BaseException | None = None
        self._left = False

    def _tell_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._wake.set)


class Outlet(_Pipe):
    """A thread pushes, the loop gets."""

    def push(self, chunk: bytes) -> None:
        """Blocks while the loop is behind. Raises GoneError once nobody reads any more."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._chunks) < self._depth or self._left)
            if self._left:
                raise GoneError
            self._chunks.append(chunk)
        self._tell_loop()

    def finish(self, problem: BaseException | None = None) -> None:
        """No more chunks; `problem` is raised where the loop gets."""
        with self._changed:
            self._ended, self._problem = True, problem
        self._tell_loop()

    async def get(self) -> bytes | None:
        """The next chunk, None at the end. Raises what the thread finished with."""
        while True:
            with self._changed:
                if self._chunks:
                    self._changed.notify_all()
                    return self._chunks.popleft()
                if self._ended:
                    if self._problem is not None:
                        raise self._problem
                    return None
                self._wake.clear()
            await self._wake.wait()

    def leave(self) -> None:
        """The loop reads no more."""
        with self._changed:
            self._left = True
            self._chunks.clear()
            self._changed.notify_all()


class Inlet(_Pipe):
    """The loop puts, a thread pulls."""

    async def put(self, chunk: bytes) -> None:
        """Waits while the thread is behind. Chunks for a thread that has left are dropped."""
        while True:
            with self._changed:
                if self._left:
                    return
                if len(self._chunks) < self._depth:
                    self._chunks.append(chunk)
                    self._changed.notify_all()
                    return
                self._wake.clear()
            await self._wake.wait()

    def finish(self, problem: BaseException | None = None) -> None:
        """No more chunks; `problem` is raised where the thread pulls."""
        with self._changed:
            if not self._ended:
                self._ended, self._problem = True, problem
            self._changed.notify_all()

    def pull(self) -> bytes | None:
        """The next chunk, None at the end. Raises what the loop finished with."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._chunks) or self._ended)
            if self._problem is not None:
                raise self._problem
            chunk = self._chunks.popleft() if self._chunks else None
        self._tell_loop()
        return chunk

    def leave(self) -> None:
        """The thread pulls no more."""
        with self._changed:
            self._left = True
        self._tell_loop()
