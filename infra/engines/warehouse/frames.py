"""ClickHouse's own compressed blocks (`compress=1`, `decompress=1`), the layout it also has on disk.

A block is CityHash128 of the rest (16 bytes), a method byte, the size with this header (UInt32), the plain
size (UInt32), and the data.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import lz4.block
import zstandard
from clickhouse_cityhash.cityhash import CityHash128

from infra.engines.warehouse.errors import ClickHouseError

_NONE, _LZ4, _ZSTD = 0x02, 0x82, 0x90
_SUM, _HEAD = 16, 9
_BLOCK = 1 << 20
# A server's max_block size in this place is 1 GiB; nobody sends more than a few MiB.
_LARGEST = 1 << 27
_WORD = (1 << 64) - 1


def _checksum(block: bytes) -> bytes:
    number: int = CityHash128(block)
    return struct.pack("<QQ", number >> 64, number & _WORD)


class FrameDecoder:
    """Blocks to plain bytes. `grow` is told the plain size of each block before it is unpacked."""

    def __init__(self, grow: Callable[[int], None]) -> None:
        self._grow = grow
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The plain bytes of every block that is whole now.

        Raises ClickHouseError 40 for a wrong checksum, 89 for an unknown method, 271 for garbage.
        """
        self._rest += chunk
        plain = []
        while len(self._rest) >= _SUM + _HEAD:
            method, size, plain_size = struct.unpack_from("<BII", self._rest, _SUM)
            if not _HEAD <= size <= _LARGEST or plain_size > _LARGEST:
                raise ClickHouseError(271, "CANNOT_DECOMPRESS", f"A compressed block of {size} bytes.", 400)
            if len(self._rest) < _SUM + size:
                break
            block = bytes(self._rest[_SUM : _SUM + size])
            if self._rest[:_SUM] != _checksum(block):
                raise ClickHouseError(40, "CHECKSUM_DOESNT_MATCH", "Checksum doesn't match.", 400)
            del self._rest[: _SUM + size]
            self._grow(plain_size)
            plain.append(_unpack(method, block[_HEAD:], plain_size))
        return plain

    def finish(self) -> None:
        """Raises ClickHouseError 271 if the last block is cut."""
        if self._rest:
            raise ClickHouseError(271, "CANNOT_DECOMPRESS", "The compressed body ends too early.", 400)


def _unpack(method: int, data: bytes, plain_size: int) -> bytes:
    try:
        if method == _LZ4:
            plain = lz4.block.decompress(data, uncompressed_size=plain_size)
        elif method == _ZSTD:
            if zstandard.frame_content_size(data) > plain_size:
                raise ValueError("it is larger than it says")
            unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST)
            plain = unpacker.decompress(data, max_output_size=plain_size)
        elif method == _NONE:
            plain = data
        else:
            raise ClickHouseError(
                89, "UNKNOWN_COMPRESSION_METHOD", f"Compression method {method:#x} is not known here.", 400
            )
    except (lz4.block.LZ4BlockError, zstandard.ZstdError, ValueError) as problem:
        raise ClickHouseError(271, "CANNOT_DECOMPRESS", f"A broken block: {problem}.", 400) from problem
    if len(plain) != plain_size:
        raise ClickHouseError(271, "CANNOT_DECOMPRESS", "A block is not as long as it says.", 400)
    return bytes(plain)


class FrameEncoder:
    """Plain bytes to LZ4 blocks of up to 1 MiB."""

    def feed(self, chunk: bytes) -> bytes:
        """The blocks of `chunk`."""
        return b"".join(_pack(chunk[at : at + _BLOCK]) for at in range(0, len(chunk), _BLOCK))

    def finish(self) -> bytes:
        """Nothing: a block ends itself."""
        return b""


def _pack(plain: bytes) -> bytes:
    data: bytes = lz4.block.compress(plain, store_size=False)
    block = struct.pack("<BII", _LZ4, len(data) + _HEAD, len(plain)) + data
    return _checksum(block) + block
