"""Socket.IO's packets as frames of the protocol, and what a handshake may say. No I/O."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from socketio.packet import ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT
from socketio.packet import Packet as Stock

from gateway.errors import Refused

__all__ = ["CONNECT", "DISCONNECT", "EVENT", "MAX_TEXT_CHARS", "Auth", "Packet", "frame_of", "read"]

# What clients of Engine.IO send: close, pong, a packet of Socket.IO; by WebSocket also a probe and `upgrade`.
_POLLED = re.compile(r"1\Z|3\Z|4[0-6]")
_SOCKET = re.compile(r"1\Z|3\Z|4[0-6]|2probe\Z|5\Z")
SEPARATOR = "\x1e"
GOODBYE = f"{DISCONNECT}".encode()
# Of a namespace or a `pid`, which are said again.
MAX_TEXT_CHARS = 200
# Of an event's arguments which field of the frame each is; an object has them by name.
FIELDS = {
    "sub": ("ch", "cur"), "unsub": ("ch",), "pub": ("id", "cmd", "d"), "got": ("cur", "ch"),
    "auth": ("token",),
}  # fmt: skip


class Auth(msgspec.Struct):
    """`auth` of a handshake. `token` empty: the cookie. `channels` are heard from the start.

    `offset`: where to go on, one cursor for all of them or one by channel. `pid` and one `offset` are what a
    stock client sends by itself when it comes back: the `pid` it was given, the last argument it heard.
    """

    token: str = ""
    channels: list[str] = []
    offset: str | dict[str, str | None] | None = None
    pid: str | None = None

    @property
    def names(self) -> list[str]:
        """All channels it names, each once."""
        return list(dict.fromkeys([*self.channels, *(self.offset if isinstance(self.offset, dict) else ())]))


class _Json:
    loads = staticmethod(msgspec.json.decode)

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()


class Packet(Stock):  # type: ignore[misc]  # the library has no types
    """A packet without attachments: nothing here is binary, so nobody makes us keep parts of it."""

    uses_binary_events = False
    json = _Json


def sound(message: str | bytes | None, polled: bool) -> bool:
    """Whether it is an Engine.IO packet that a client may send; others would throw where nobody catches."""
    return isinstance(message, str) and (_POLLED if polled else _SOCKET).match(message) is not None


def read(data: Any) -> Packet:
    """The packet in a message. ValueError where it is none, or one that is not taken here."""
    if not isinstance(data, str):
        raise ValueError("not text")
    try:
        found = Packet(encoded_packet=data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ValueError("not JSON") from error
    if found.packet_type not in (CONNECT, DISCONNECT, EVENT, ACK):
        raise ValueError("not a packet of a client")
    return found


def frame_of(data: Any) -> dict[str, Any]:
    """The frame that an event says. ValueError where it is no event."""
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise ValueError("an event has a name")
    name, *said = data
    if said and isinstance(said[0], dict):
        return said[0] | {"t": name}
    return dict(zip(FIELDS.get(name, ()), said, strict=False)) | {"t": name}


def event(frame: dict[str, Any], placed: bool) -> bytes:
    """A frame of the protocol as an event of its kind. `placed`: where it says one is, is last, too."""
    place = [frame["cur"]] if placed and frame["t"] in ("subbed", "beat") and "cur" in frame else []
    return _encoded(EVENT, [frame["t"], frame, *place])


def acked(number: int, said: list[Any]) -> bytes:
    """What the callback of a client's event gets."""
    return _encoded(ACK, said, number)


def connected(sid: str, pid: str) -> bytes:
    """The client is let in; with the same `pid` as before it has `recovered`."""
    return _encoded(CONNECT, {"sid": sid, "pid": pid})


def refused(refusal: Refused, namespace: str | None = None) -> bytes:
    """`connect_error`: the sentence as its message, our error's shape as its data."""
    said = {"message": refusal.message, "data": refusal.body()}
    return Packet(CONNECT_ERROR, said, namespace).encode().encode()  # type: ignore[no-any-return]  # no types


def _encoded(kind: int, data: Any, number: int | None = None) -> bytes:
    return Packet(kind, data, id=number).encode().encode()  # type: ignore[no-any-return]  # as above
