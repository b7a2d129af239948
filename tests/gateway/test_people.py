"""Subscriptions that may be pushed to, and switches."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.claims import Claims
from gateway.errors import Refused
from gateway.people import Allowed, preferences, subscription
from schemas.records.people import Preference

POINT = ec.derive_private_key(7, ec.SECP256R1()).public_key().public_bytes(
    Encoding.X962, PublicFormat.UncompressedPoint
)  # fmt: skip
KEY = base64.urlsafe_b64encode(POINT).decode().rstrip("=")
AUTH = base64.urlsafe_b64encode(b"a" * 16).decode()
WHO = Claims("u", "guest", "h", "U", "101", None, (), 0, 1, "t1")
GOOD = "https://fcm.googleapis.com/fcm/send/abc"


@pytest.mark.parametrize(
    ("endpoint", "key", "auth"),
    [
        ("http://fcm.googleapis.com/x", KEY, AUTH),
        ("https://fcm.googleapis.com:8443/x", KEY, AUTH),
        ("https://user@fcm.googleapis.com/x", KEY, AUTH),
        ("https://169.254.169.254/x", KEY, AUTH),
        ("https://notify.windows.com.evil.example/x", KEY, AUTH),
        ("http://127.0.0.1:9/x", KEY, AUTH),
        ("https://[bad", KEY, AUTH),
        (GOOD + "\n", KEY, AUTH),
        (GOOD, KEY[:-4], AUTH),
        (GOOD, "A" * 87, AUTH),
        (GOOD, "!!!", AUTH),
        (GOOD, KEY, "AAAA"),
    ],
)
def test_what_may_not_be_pushed_to_is_refused(endpoint: str, key: str, auth: str) -> None:
    with pytest.raises(Refused) as caught:
        subscription(WHO, endpoint, key, auth, "v", Allowed())
    assert caught.value.code == "invalid_subscription"


def test_the_same_browser_is_the_same_subscription() -> None:
    one = subscription(WHO, GOOD, KEY, AUTH, "v", Allowed())
    assert one == subscription(WHO, GOOD, KEY, AUTH, "v", Allowed())
    assert one.token_id == WHO.token_id
    assert subscription(WHO, "http://127.0.0.1:9/x", KEY, AUTH, "v", Allowed(loopback=True))
    assert subscription(WHO, "https://db5.notify.windows.com/x", KEY, AUTH, "v", Allowed())


def test_switches_that_are_not_said_stay_and_emergencies_cannot_be_hidden() -> None:
    off = Preference(category="request", channel="push", on=False)
    first = preferences("u", None, [off])
    both = preferences("u", first, [Preference(category="announcement", channel="push", on=False)])
    assert off in both.switches
    assert len(both.switches) == 2
    with pytest.raises(Refused):
        preferences("u", None, [Preference(category="emergency", channel="bell", on=False)])
