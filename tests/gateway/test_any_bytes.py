"""Any bytes at the door and on a socket: a clear no or a goodbye, no fault of ours; others are served."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import chat, permissions, strangers
from gateway.matrix import PERSONS
from schemas.ids import new_id
from tests.gateway.support import Running, client, token
from tests.gateway.test_matrix import body_of, furnished
from tests.patience import until

# Some 4 s each; the seed is the test itself, so every run says the same.
EXAMPLES = 500
QUIET_SECONDS = 0.2
UPGRADE = (
    b"GET /api/websocket/connection HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HEADS = (
    UPGRADE,
    b"POST /api/services HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET /api/rooms?limit=1&after=%00 HTTP/1.1\r\nHost: x\r\nCookie: concierge_session=a.b.c\r\n\r\n",
    b"POST /api/auth/session HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n" + b'{"code":"x"}',
)
bounded = settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
# The gateway runs in this process and uses `random` while cases are made in another thread.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")


@pytest.fixture
async def calm(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[None]:
    """No fault is thrown into the loop or logged; somebody else hears on, before and after."""
    for kind in gateway.live.limits.rates:
        monkeypatch.setitem(gateway.live.limits.rates, kind, (1e6, 1e6))
    monkeypatch.setattr(strangers, "FAILURES", (1e6, 1e6))
    monkeypatch.setattr(gateway.live.strangers, "_rate", (1e6, 1e6))
    faults: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, fault: faults.append(fault))
    own = "calm" + new_id()[-6:]
    try:
        async with client(gateway, token("admin", own), resume={f"ops:{own}": None}) as other:
            await other.hear("subbed")
            yield
            await gateway.request(own, new_id())
            await other.request()
    finally:
        loop.set_exception_handler(before)
    assert faults == []
    errors = [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
    assert errors == []


def frame(payload: bytes, opcode: int = 1, *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """A frame of a client; the mask is zero."""
    size = len(payload)
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        head += bytes([masked << 7 | size])
    elif size < 1 << 16:
        head += bytes([masked << 7 | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([masked << 7 | 127]) + size.to_bytes(8, "big")
    return head + (bytes(4) if masked else b"") + payload


def heard(port: int, said: bytes, done: Callable[[bytes], bool], first: bytes = b"") -> bytes:
    """All that comes back for these bytes until `done`, the end, or nobody says anything more.

    `first`: a handshake, whose answer is waited for and left out.
    """
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        try:
            if first:
                one.sendall(first)
                assert one.recv(65536).endswith(b"\r\n\r\n")
            one.sendall(said)
            one.settimeout(QUIET_SECONDS)
            while not done(found) and (more := one.recv(65536)):
                found += more
        except (TimeoutError, ConnectionError):
            pass
    return found


def frames(said: bytes) -> list[tuple[int, bytes]]:
    """(opcode, payload) of each whole frame of the server."""
    found = []
    while len(said) >= 2:
        opcode, size, start = said[0] & 15, said[1], 2
        if size == 126:
            size, start = int.from_bytes(said[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(said[2:10], "big"), 10
        if len(said) < start + size:
            break
        found.append((opcode, said[start : start + size]))
        said = said[start + size :]
    return found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["t", "id", "ch", "cur", "cmd", "d", "v", "token", "resume", "away", "kind", "text"])


def good(own: str) -> list[dict[str, Any]]:
    """Frames of every kind as a client says them."""
    channels = [f"property:{own}", f"ops:{own}", f"room:{own}:101", "thread:with-guest", "user:fay"]
    said: list[dict[str, Any]] = [
        *({"t": "sub", "ch": one, "cur": cur} for one in channels for cur in (None, "x" * 40)),
        {"t": "unsub", "ch": channels[0]},
        {"t": "got", "cur": "x"},
        {"t": "ping", "away": True},
        {"t": "hello", "v": 1, "token": "t", "resume": {channels[0]: None}},
        {"t": "auth", "token": token("manager", own, sub="fay")},
    ]
    commands = [*permissions.MAY, *chat.MAY]
    said += [{"t": "pub", "id": one, "cmd": one, "d": body_of(one, PERSONS["manager"])} for one in commands]
    return said


@st.composite
def changed(draw: st.DrawFn, whole: list[dict[str, Any]]) -> Any:
    """A good frame with something of it, or in it, replaced, added or left out."""
    said: Any = msgspec.json.decode(msgspec.json.encode(draw(st.sampled_from(whole))))
    place, key = said, draw(st.sampled_from(sorted(said)))
    if isinstance(said.get("d"), dict) and said["d"] and draw(st.booleans()):
        place, key = said["d"], draw(st.sampled_from(sorted(said["d"])))
    match draw(st.integers(0, 3)):
        case 0:
            place[key] = draw(JSON)
        case 1:
            place[draw(NAMES | st.text(max_size=8))] = draw(JSON)
        case 2:
            del place[key]
        case _:
            pass
    return said


@st.composite
def messages(draw: st.DrawFn, whole: list[dict[str, Any]]) -> bytes:
    """What a client may send at once: messages whole, in pieces with control frames in them, or no frames."""
    found = b""
    for _ in range(draw(st.integers(1, 4))):
        payload = draw(
            changed(whole).map(msgspec.json.encode)
            | changed(whole).map(msgspec.json.encode)
            | st.lists(changed(whole), max_size=5).map(msgspec.json.encode)
            | JSON.map(msgspec.json.encode)
        )
        if draw(st.integers(0, 9)) == 0:  # a bit is turned, or the end is missing
            at = draw(st.integers(0, len(payload) - 1))
            payload = payload[:at] + bytes([payload[at] ^ draw(st.integers(1, 255))]) + payload[at + 1 :]
            payload = payload[: draw(st.integers(at, len(payload)))]
        match draw(st.integers(0, 9)):
            case 0:  # in pieces
                cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=4)))
                pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
                for n, piece in enumerate(pieces):
                    found += frame(piece, 0 if n else 1, fin=n == len(pieces) - 1)
                    found += frame(draw(st.binary(max_size=130)), draw(st.sampled_from([9, 10])))
            case 1:  # any head
                found += frame(
                    payload, draw(st.integers(0, 15)), fin=draw(st.booleans()),
                    rsv=draw(st.integers(0, 7)), masked=draw(st.booleans()),
                )  # fmt: skip
            case 2:
                found += draw(st.binary(max_size=200)) if draw(st.booleans()) else frame(payload, 2)
            case _:
                found += frame(payload)
    return found


def no_fault(said: bytes) -> None:
    """What a socket was told: no fault of ours in it."""
    for opcode, payload in frames(said):
        if opcode == 8:
            assert int.from_bytes(payload[:2], "big") != 1011, payload
        elif opcode == 1:
            told = msgspec.json.decode(payload)
            assert told.get("code") not in ("unknown", "internal"), told


@pytest.mark.usefixtures("calm")
@pytest.mark.parametrize("welcome", [False, True], ids=["before hello", "after hello"])
async def test_any_messages_on_a_socket(gateway: Running, welcome: bool) -> None:
    async with gateway.web() as web:
        own = furnished(gateway, web).own
    hello = {"t": "hello", "v": 1, "token": token("manager", own, sub="fay")}
    before = frame(msgspec.json.encode(hello)) if welcome else b""
    last = frame(b'{"t":"ping"}')
    whole, counted = good(own), list[int]()

    @bounded
    @given(said=messages(whole))
    def say(said: bytes) -> None:
        def done(found: bytes) -> bool:
            return b'{"t":"pong"' in found or any(opcode == 8 for opcode, _ in frames(found))

        found = heard(gateway.port, before + said + last, done, first=UPGRADE)
        no_fault(found)
        counted.append(b'{"t":"pong"' in found)

    await asyncio.to_thread(say)
    opened = gateway.live.sockets._people
    await until(lambda: not [one for one in opened if one[0] == own], "some never leave")
    assert 0 < sum(counted) < len(counted) if welcome else not any(counted), (
        "some live on, some are sent away"
    )


@pytest.mark.usefixtures("calm")
async def test_any_bytes_at_the_door(gateway: Running) -> None:
    @st.composite
    def heads(draw: st.DrawFn) -> bytes:
        said = draw(st.sampled_from(HEADS) | st.binary(min_size=1, max_size=300))
        for _ in range(draw(st.integers(0, 3))):
            a = draw(st.integers(0, len(said)))
            said = said[:a] + draw(st.binary(max_size=20)) + said[draw(st.integers(a, len(said))) :]
        return said * draw(st.integers(1, 3))

    @bounded
    @given(said=heads())
    def knock(said: bytes) -> None:
        found = heard(gateway.port, said, lambda answer: b"HTTP/1.1 101" in answer)
        assert b"HTTP/1.1 5" not in found, found

    await asyncio.to_thread(knock)
