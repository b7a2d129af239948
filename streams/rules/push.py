"""Web push without I/O: which endpoints may be spoken to, what is sent, what an answer means."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from schemas.push_services import allowed
from schemas.records.notifications import Category, Notified
from schemas.records.people import PushSubscription

# RFC 8291: one aes128gcm record of 4096 bytes holds this much plaintext.
MAX_PLAINTEXT = 3993
# All that is given out of IPv6; and where a translator puts IPv4 addresses.
_UNICAST, _NAT64 = ipaddress.ip_network("2000::/3"), ipaddress.ip_network("64:ff9b::/96")
URGENCY: dict[Category, str] = {
    "emergency": "high",
    "assignment": "high",
    "request": "normal",
    "announcement": "low",
}
# A push nobody could be reached with is worth nothing later than this, in seconds.
TTL_S: dict[Category, int] = {
    "emergency": 900,
    "assignment": 3_600,
    "request": 14_400,
    "announcement": 86_400,
}

Meaning = Literal["accepted", "gone", "our_fault", "key_refused", "wait", "again"]


class Unfit(ValueError):
    """This subscription may not or cannot be pushed to; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a push goes. `origin` is the audience of the VAPID token."""

    url: str
    origin: str
    host: str
    port: int


def target(subscription: PushSubscription, hosts: Collection[str], loopback: bool = False) -> Target:
    """The checked endpoint; `loopback` also lets http to 127.0.0.1 through. Unfit says why."""
    if len(subscription.endpoint) > 2_000:
        raise Unfit("the endpoint is longer than 2000 characters")
    try:
        url = urlsplit(subscription.endpoint)
        port = url.port
    except ValueError as error:
        raise Unfit("the endpoint is no URL") from error
    host = (url.hostname or "").lower()
    if url.username is not None or url.password is not None:
        raise Unfit("the endpoint names a user")
    if not subscription.endpoint.isascii() or any(ord(one) <= 32 for one in subscription.endpoint):
        raise Unfit("the endpoint holds characters that no URL has")
    _keys(subscription)
    if loopback and url.scheme in ("http", "https") and host == "127.0.0.1":
        return Target(subscription.endpoint, f"{url.scheme}://{url.netloc}", host, port or 80)
    if url.scheme != "https" or port not in (None, 443):
        raise Unfit("the endpoint is not https on port 443")
    if not allowed(host, hosts):
        raise Unfit(f"{host[:100]} is no push service we know")
    return Target(subscription.endpoint, f"https://{host}", host, 443)


def public(address: str) -> bool:
    """Is it an address of the open internet? An IPv4 address inside an IPv6 one counts as itself."""
    try:
        found: ipaddress.IPv4Address | ipaddress.IPv6Address | None = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else None
        found = found.ipv4_mapped or found.sixtofour or inside or (found if found in _UNICAST else None)
    return found is not None and found.is_global and not found.is_multicast


def _keys(subscription: PushSubscription) -> None:
    try:
        point, auth = unpadded(subscription.p256dh), unpadded(subscription.auth)
    except (binascii.Error, ValueError) as error:
        raise Unfit("the keys are not base64url") from error
    if len(point) != 65 or point[0] != 4:
        raise Unfit("p256dh is no 65-byte P-256 point")
    if len(auth) != 16:
        raise Unfit("auth is not 16 bytes")


def unpadded(text: str) -> bytes:
    """base64url without padding to bytes. ValueError on anything else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def topic(link: str) -> str:
    """The `Topic` of what it is about: a later push replaces one that waits. 32 characters base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(link.encode()).digest()).decode()[:32]


def payload(note: Notified, subscription_id: str) -> bytes:
    """What the service worker shows, and answers under its subscription. The body gives way to the limit."""
    body = note.body
    while True:
        said = {
            "notification_id": note.notification_id,
            "subscription_id": subscription_id,
            "category": note.category,
            "title": note.title,
            "body": body,
            "link": note.link,
        }
        data = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        if len(data) <= MAX_PLAINTEXT or not body:
            return data
        body = body[: len(body) // 2]


def ttl(note: Notified, now: int, occurred_at: int) -> int:
    """Seconds the push is still worth something; 0 or less: it is over."""
    ends = min(note.expires_at, occurred_at + TTL_S[note.category] * 1000)
    return (ends - now) // 1000


def meaning(status: int) -> Meaning:
    """What the push service's status says."""
    if status in (200, 201, 202):
        return "accepted"
    if status in (404, 410):
        return "gone"
    if status in (401, 403):
        return "key_refused"
    if status in (429, 503):
        return "wait"
    if status >= 500:
        return "again"
    return "our_fault"
