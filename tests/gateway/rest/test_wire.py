"""Bodies: bounded whatever the header says, decoded or refused, described once."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from fastapi import Request

from gateway.errors import Refused
from gateway.rest import wire
from gateway.rest.wire import Done, body_of, give, read_bytes, told
from gateway.state import State
from tests.gateway.support import Running


class Asked(msgspec.Struct):
    """A body."""

    n: int


def request(*parts: bytes, length: str | None = None, live: State | None = None) -> Request:
    left = list(parts)

    async def receive() -> Any:
        if not left:
            await asyncio.Event().wait()
        part = left.pop(0)
        return {"type": "http.request", "body": part, "more_body": part != b""}

    headers = [] if length is None else [(b"content-length", length.encode())]
    return Request({"type": "http", "headers": headers, "state": {"live": live}}, receive)


async def test_a_body_within_its_bound_is_read_whole() -> None:
    assert await read_bytes(request(b"ab", b"cd", b""), 4) == b"abcd"


@pytest.mark.parametrize("length", [None, "2", "5", "x", "-1"])
async def test_a_longer_one_is_refused_whatever_its_header_says(length: str | None) -> None:
    with pytest.raises(Refused) as refused:
        await read_bytes(request(b"abc", b"de", b"", length=length), 4)
    assert (refused.value.status, refused.value.code) == (413, "too_large")


async def test_one_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.01)
    with pytest.raises(Refused) as refused:
        await read_bytes(request(b"a"), 4)
    assert (refused.value.status, refused.value.code) == (408, "too_slow")


async def test_one_whose_sender_left_is_no_fault_of_ours() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(Refused) as refused:
        await read_bytes(Request({"type": "http", "headers": []}, receive), 4)
    assert (refused.value.status, refused.value.code) == (400, "cut_off")


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "bad_json"), (b"\xff", "bad_json"), (b"[" * 9_000, "invalid"), (b'{"n":"x"}', "invalid")],
)
async def test_what_is_no_such_body(gateway: Running, body: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await body_of(Asked)(request(body, b"", live=gateway.live))
    assert (refused.value.status, refused.value.code) == (400, code)
    assert await body_of(Asked)(request(b'{"n":7}', b"", live=gateway.live)) == Asked(7)


def test_answers_are_kept_by_nobody_and_described_by_their_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_KNOWN", set())  # what is described here is none of the document's
    assert give(Done(), 202).headers["cache-control"] == "no-store"
    found = told(Done, Asked, also=(202, 404))
    assert {200, 202, 400, 401, 403, 404, 408, 413, 429} == found["responses"].keys()
    body = found["openapi_extra"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Asked"}
