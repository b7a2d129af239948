"""Whose address it is: the peer's, unless a proxy that is trusted says otherwise."""

from __future__ import annotations

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.addresses import client_of, group, trusted

NOBODY = object()
BEHIND = ProxyHeadersMiddleware(lambda *_: None, "10.0.0.7,10.1.0.0/16")  # type: ignore[arg-type]  # never run


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a name" * 100, ("a name" * 100)[:64]),
    ],
)
def test_one_address_is_a_v4_or_a_64_of_v6(host: str, found: str) -> None:
    assert group(host) == found


@pytest.mark.parametrize(
    ("app", "peer", "said", "found"),
    [
        (NOBODY, "192.0.2.1", "198.51.100.1", "192.0.2.1"),
        (BEHIND, "192.0.2.1", "198.51.100.1", "192.0.2.1"),
        (BEHIND, "10.0.0.7", "198.51.100.1", "198.51.100.1"),
        (BEHIND, "10.0.0.7", "1.1.1.1, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        (BEHIND, "10.0.0.7", "", "10.0.0.7"),
        (NOBODY, "10.0.0.7", "198.51.100.1", "10.0.0.7"),
    ],
)
def test_only_a_trusted_proxy_names_somebody_else(app: object, peer: str, said: str, found: str) -> None:
    headers = [(b"host", b"x"), *([(b"x-forwarded-for", said.encode())] if said else [])]
    assert client_of(app, peer, headers) == found
    assert trusted(app, peer) == (app is BEHIND and peer == "10.0.0.7")
