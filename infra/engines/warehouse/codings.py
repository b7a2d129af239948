"""Content codings both ways, a chunk at a time, bounded."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, Protocol

import lz4.frame
import zstandard

from infra.engines.warehouse.errors import ClickHouseError

# What a chunk may grow to before it is handed on: a bomb is noticed piece by piece.
_PIECE = 1 << 20


class Decoder(Protocol):
    """Turns coded chunks into plain ones."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Plain pieces of at most 1 MiB each. Raises ClickHouseError 271."""
        ...

    def finish(self) -> None:
        """Raises ClickHouseError 271 if the end is missing."""
        ...


class Plain:
    """No coding."""

    def feed(self, chunk: bytes) -> list[bytes]:
        return [chunk]

    def finish(self) -> None:
        pass


class _Coded:
    """Frames of one coding, one after the other. `grow` counts plain bytes and raises above the bound."""

    def __init__(self, start: Callable[[], Any], grow: Callable[[int], None]) -> None:
        self._start, self._grow = start, grow
        self._state: Any = None

    def feed(self, chunk: bytes) -> list[bytes]:
        pieces = []
        while chunk:
            if self._state is None:
                self._state = self._start()
            try:
                piece, chunk, ended = self._state(chunk)
            except (zlib.error, RuntimeError, zstandard.ZstdError, EOFError) as problem:
                raise ClickHouseError(
                    271, "CANNOT_DECOMPRESS", f"The body cannot be decompressed: {problem}.", 400
                ) from problem
            self._grow(len(piece))
            if piece:
                pieces.append(piece)
            if ended:
                self._state = None
        return pieces

    def finish(self) -> None:
        if self._state is not None:
            raise ClickHouseError(271, "CANNOT_DECOMPRESS", "The compressed body ends too early.", 400)


def decoder(coding: str, grow: Callable[[int], None]) -> Decoder:
    """For a Content-Encoding; `grow` is told of every plain byte. Raises ClickHouseError 89 if unknown."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return Plain()
    if coding not in _STARTS:
        raise ClickHouseError(
            89, "UNKNOWN_COMPRESSION_METHOD", f"Content-Encoding {coding[:40]!r} is not known.", 400
        )
    return _Coded(_STARTS[coding], grow)


def _zlib_start(bits: int) -> Callable[[], Any]:
    def start() -> Any:
        state = zlib.decompressobj(bits)

        def step(chunk: bytes) -> tuple[bytes, bytes, bool]:
            piece = state.decompress(chunk, _PIECE)
            return piece, state.unused_data or state.unconsumed_tail, state.eof

        return step

    return start


def _bites(state: Any, size: int) -> Any:
    """A step that feeds small bites, so that a piece stays bounded however well it was compressed."""

    def step(chunk: bytes) -> tuple[bytes, bytes, bool]:
        bite, rest = chunk[:size], chunk[size:]
        piece = state.decompress(bite)
        return piece, (state.unused_data or b"") + rest, state.eof

    return step


def _lz4_start() -> Any:
    return _bites(lz4.frame.LZ4FrameDecompressor(), 1 << 16)  # at most 255-fold


def _zstd_start() -> Any:
    # A block of 4 bytes can mean 128 KiB.
    return _bites(zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj(), 1 << 10)


_STARTS: dict[str, Callable[[], Any]] = {
    "gzip": _zlib_start(31),
    "x-gzip": _zlib_start(31),
    "deflate": _zlib_start(15),
    "lz4": _lz4_start,
    "zstd": _zstd_start,
}


class Encoder(Protocol):
    """Turns plain chunks into coded ones."""

    def feed(self, chunk: bytes) -> bytes: ...
    def finish(self) -> bytes: ...


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._state = zlib.compressobj(3, zlib.DEFLATED, bits)

    def feed(self, chunk: bytes) -> bytes:
        return self._state.compress(chunk)

    def finish(self) -> bytes:
        return self._state.flush()


class _Lz4:
    def __init__(self) -> None:
        self._state = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def feed(self, chunk: bytes) -> bytes:
        head = b"" if self._begun else self._state.begin()
        self._begun = True
        return bytes(head + self._state.compress(chunk))

    def finish(self) -> bytes:
        head = b"" if self._begun else self._state.begin()
        return bytes(head + self._state.flush())


class _Zstd:
    def __init__(self) -> None:
        self._state = zstandard.ZstdCompressor(level=1).compressobj()

    def feed(self, chunk: bytes) -> bytes:
        return self._state.compress(chunk)

    def finish(self) -> bytes:
        return self._state.flush()


_ENCODERS: dict[str, Callable[[], Encoder]] = {
    "lz4": _Lz4,
    "zstd": _Zstd,
    "gzip": lambda: _Zlib(31),
    "deflate": lambda: _Zlib(15),
}


def encoder(accepted: str) -> tuple[str, Encoder] | None:
    """The first coding of an Accept-Encoding header that we have, None if it has none."""
    for part in accepted.split(","):
        coding = part.partition(";")[0].strip().lower()
        if coding in _ENCODERS and "q=0" not in part.replace(" ", "").split(";")[1:]:
            return coding, _ENCODERS[coding]()
    return None
