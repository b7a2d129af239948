"""Where somebody comes from, as far as it can be believed, and what counts as one address. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

HOST_BITS = 64


def group(host: str) -> str:
    """What has its limits in common: an IPv4 address, all of an IPv6 /64 (one customer has at least one)."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if found.version == 4:
        return host
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{ipaddress.IPv6Address(int(found) >> HOST_BITS << HOST_BITS)}/{HOST_BITS}"


def client_of(app: object, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The client of a request: its peer, or whom the peer names, where that is a trusted proxy.

    `app`: what uvicorn serves, which knows the proxies. What strangers say of themselves is not read.
    """
    if not trusted(app, peer):
        return peer
    assert isinstance(app, ProxyHeadersMiddleware)
    named = b", ".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
    return app.trusted_hosts.get_trusted_client_address(named)[0] or peer


def trusted(app: object, peer: str) -> bool:
    """Whether this peer is a proxy whose word counts."""
    return isinstance(app, ProxyHeadersMiddleware) and peer in app.trusted_hosts
