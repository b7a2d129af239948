from __future__ import annotations

import struct
from pathlib import Path

import chdb
import pytest
import zstandard

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.frames import FrameDecoder, FrameEncoder, _checksum
from tests.infra.engines.warehouse.conftest import Ask

PLAIN = b"hotel " * 500_000


def decode(coded: bytes, size: int = 1 << 30) -> bytes:
    state = FrameDecoder(lambda _: None)
    plain = b"".join(
        piece for at in range(0, len(coded), size) for piece in state.feed(coded[at : at + size])
    )
    state.finish()
    return plain


@pytest.mark.parametrize("size", [1 << 30, 1000, 7])
def test_there_and_back(size: int) -> None:
    plain = PLAIN[:100_000] if size == 7 else PLAIN
    assert decode(FrameEncoder().feed(plain), size) == plain


def test_zstd_blocks() -> None:
    data = zstandard.compress(b"abc")
    block = struct.pack("<BII", 0x90, len(data) + 9, 3) + data
    assert decode(_checksum(block) + block) == b"abc"


def test_a_zstd_bomb() -> None:
    data = zstandard.compress(b"0" * 1_000_000)
    block = struct.pack("<BII", 0x90, len(data) + 9, 3) + data
    with pytest.raises(ClickHouseError, match="broken block"):
        decode(_checksum(block) + block)


@pytest.mark.parametrize(("at", "code"), [(0, 40), (30, 40), (-1, 40)])
def test_a_flipped_bit_is_noticed(at: int, code: int) -> None:
    coded = bytearray(FrameEncoder().feed(b"some data that is compressed"))
    coded[at] ^= 1
    with pytest.raises(ClickHouseError) as refused:
        decode(bytes(coded))
    assert refused.value.code == code


def test_a_cut_block() -> None:
    with pytest.raises(ClickHouseError, match="too early"):
        decode(FrameEncoder().feed(PLAIN)[:-1])


def test_the_engines_own_blocks_have_our_checksum(tmp_path: Path) -> None:
    connection = chdb.connect(str(tmp_path / "data"))
    try:
        connection.query(
            "CREATE TABLE default.t (a UInt64) ENGINE = MergeTree ORDER BY tuple() "
            "SETTINGS min_bytes_for_wide_part = 0"
        )
        connection.query("INSERT INTO default.t SELECT number FROM numbers(1000)")
    finally:
        connection.close()
    (column,) = (path for path in tmp_path.rglob("a.bin") if "tmp" not in path.parent.name)
    assert decode(column.read_bytes()) == struct.pack("<1000Q", *range(1000))


def test_both_ways_over_http(ask: Ask, events: str) -> None:
    out = ask("SELECT * FROM events ORDER BY n FORMAT Native", "reader", compress="1")
    assert decode(out.data) == ask("SELECT * FROM events ORDER BY n FORMAT Native", "reader").data
    ask("CREATE OR REPLACE TABLE framed AS events")
    sent = ask(out.data, query="INSERT INTO framed FORMAT Native", decompress="1")
    assert sent.status == 200, sent.data
    assert ask("SELECT count(), sum(n) FROM framed").data == b"1000\t499500\n"
    broken = ask(out.data[:-3], query="INSERT INTO framed FORMAT Native", decompress="1")
    assert broken.headers["X-ClickHouse-Exception-Code"] == "271"
    assert ask("SELECT count() FROM framed").data == b"1000\n"
