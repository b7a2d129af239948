from __future__ import annotations

import gzip
import zlib

import lz4.frame
import pytest
import zstandard

from infra.engines.warehouse.codings import decoder, encoder
from infra.engines.warehouse.errors import ClickHouseError

PLAIN = b"hotel " * 200_000
CODED = {
    "gzip": gzip.compress(PLAIN),
    "deflate": zlib.compress(PLAIN),
    "lz4": lz4.frame.compress(PLAIN),
    "zstd": zstandard.compress(PLAIN),
    "": PLAIN,
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("size", [100_000_000, 1000])
def test_decodes_in_any_cut(coding: str, size: int) -> None:
    state = decoder(coding, lambda _: None)
    coded = CODED[coding]
    pieces = [piece for at in range(0, len(coded), size) for piece in state.feed(coded[at : at + size])]
    state.finish()
    assert b"".join(pieces) == PLAIN


@pytest.mark.parametrize("coding", ["gzip", "deflate", "lz4", "zstd"])
def test_frames_follow_each_other(coding: str) -> None:
    state = decoder(coding, lambda _: None)
    assert b"".join(state.feed(CODED[coding] * 2)) == PLAIN * 2


@pytest.mark.parametrize("coding", ["gzip", "deflate", "lz4", "zstd"])
def test_a_bomb_is_noticed_on_the_way(coding: str) -> None:
    seen = 0

    def grow(count: int) -> None:
        nonlocal seen
        seen += count
        if seen > 100_000:
            raise ClickHouseError(307, "TOO_MANY_BYTES", "large")

    with pytest.raises(ClickHouseError, match="large"):
        decoder(coding, grow).feed(CODED[coding])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "lz4", "zstd"])
def test_garbage_and_a_missing_end(coding: str) -> None:
    with pytest.raises(ClickHouseError) as refused:
        decoder(coding, lambda _: None).feed(b"this is not compressed at all")
    assert refused.value.code == 271
    state = decoder(coding, lambda _: None)
    state.feed(CODED[coding][:-5])
    with pytest.raises(ClickHouseError, match="too early"):
        state.finish()


def test_an_unknown_coding() -> None:
    with pytest.raises(ClickHouseError) as refused:
        decoder("rot13", lambda _: None)
    assert refused.value.code == 89


@pytest.mark.parametrize("accepted", ["gzip", "deflate;q=0.5", "lz4", "zstd, gzip"])
def test_encodes_what_the_client_can_read(accepted: str) -> None:
    found = encoder(accepted)
    assert found is not None
    coding, state = found
    coded = state.feed(PLAIN[:1000]) + state.feed(PLAIN[1000:]) + state.finish()
    assert b"".join(decoder(coding, lambda _: None).feed(coded)) == PLAIN


def test_nothing_in_common() -> None:
    assert encoder("br") is None
    assert encoder("gzip;q=0") is None
