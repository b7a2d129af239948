"""A client's place in the log: opaque, authenticated, the same at every gateway.

It holds, for one hotel, how far each topic that clients see was told: (offset, place in the record's list).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache

from schemas.topics import TOPICS

LIVE_TOPICS = tuple(topic for topic in TOPICS if topic.live)
INDEX: dict[str, int] = {topic.name: index for index, topic in enumerate(LIVE_TOPICS)}
# 96 bits: forging one takes 2^95 tries on average, each a request.
MAC_BYTES = 12
MAX_CURSOR_CHARS = 600
VERSION = 1

Place = tuple[int, int]
Vector = tuple[Place, ...]
START: Vector = tuple((0, 0) for _ in LIVE_TOPICS)


class BadCursor(ValueError):
    """Not a cursor of ours for this hotel: forged, cut, or from another one."""


class Cursors:
    """Makes and reads cursors with a key derived from the token secret."""

    def __init__(self, secret: str) -> None:
        key = hashlib.sha256(b"concierge cursor\0" + secret.encode()).digest()
        self._keyed = hmac.new(key, digestmod="sha256")

    def encode(self, property_id: str, vector: Vector) -> str:
        """The cursor of this vector; about 60 characters."""
        raw = bytes((VERSION, len(vector))) + b"".join(map(_bytes, vector))
        return base64.urlsafe_b64encode(raw + self._mac(property_id, raw)).decode().rstrip("=")

    def decode(self, property_id: str, cursor: str) -> Vector:
        """The vector in a cursor. BadCursor says that it is none of this hotel's."""
        if len(cursor) > MAX_CURSOR_CHARS:
            raise BadCursor("too long")
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCursor("not base64") from error
        body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if len(body) < 2 or not hmac.compare_digest(mac, self._mac(property_id, body)):
            raise BadCursor("not made here for this property")
        if body[0] != VERSION or body[1] > len(LIVE_TOPICS):
            raise BadCursor("of another version")
        found, at = [], 2
        for _ in range(body[1]):
            offset, at = _take(body, at)
            place, at = _take(body, at)
            found.append((offset, place))
        # A topic younger than the cursor is read from its start.
        return tuple(found) + START[len(found) :]

    def _mac(self, property_id: str, body: bytes) -> bytes:
        mac = self._keyed.copy()
        mac.update(property_id.encode() + b"\0" + body)
        return mac.digest()[:MAC_BYTES]


def moved(vector: Vector, topic: int, place: Place) -> Vector:
    """The vector with one topic's place set."""
    return (*vector[:topic], place, *vector[topic + 1 :])


@lru_cache(maxsize=4096)  # of all topics only one has moved since the last cursor
def _bytes(place: Place) -> bytes:
    out = bytearray()
    for value in place:
        _put(out, value)
    return bytes(out)


def _put(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _take(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
