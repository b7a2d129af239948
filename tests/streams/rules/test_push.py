"""Which endpoints may be spoken to, what is sent, what an answer means."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.push_services import HOSTS
from schemas.records.notifications import Notified
from schemas.records.people import PushSubscription
from streams.rules.push import (
    MAX_PLAINTEXT,
    Unfit,
    meaning,
    payload,
    public,
    target,
    topic,
    ttl,
)
from tests.standins.push_service import Browser, b64, point


def subscription(endpoint: str, **changes: str) -> PushSubscription:
    browser = Browser("s")
    fields = {"p256dh": b64(point(browser.key)), "auth": b64(browser.auth)} | changes
    return PushSubscription(subscription_id="s", user_id="u", endpoint=endpoint, vapid_key="k", **fields)


def note(title: str = "t", body: str = "b") -> Notified:
    return Notified(
        notification_id="n",
        user_id="u",
        category="request",
        title=title,
        body=body,
        channels=["push"],
        expires_at=10_000,
    )


def test_a_known_push_service_is_a_target() -> None:
    found = target(subscription("https://fcm.googleapis.com/fcm/send/abc"), HOSTS)
    assert (found.origin, found.port) == ("https://fcm.googleapis.com", 443)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://notify.windows.com/x",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com:port/x",
        "file:///etc/passwd",
        "http://127.0.0.1:9000/x",
        "https://fcm.googleapis.com/" + "x" * 2_000,
        "https://127.0.0.1\\x.notify.windows.com/x",
    ],
)
def test_any_other_endpoint_is_unfit(endpoint: str) -> None:
    with pytest.raises(Unfit):
        target(subscription(endpoint), HOSTS)


@pytest.mark.parametrize(
    "changes", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"auth": "*"}, {"p256dh": b64(b"\5" * 65)}]
)
def test_keys_of_a_wrong_shape_are_unfit(changes: dict[str, str]) -> None:
    with pytest.raises(Unfit):
        target(subscription("https://fcm.googleapis.com/x", **changes), HOSTS)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "fd00::1",
        "::127.0.0.1",
        "64:ff9b::10.1.2.3",
        "64:ff9b:1::10.1.2.3",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "fec0::1",
        "fe80::1%eth0",
        "ff02::1",
        "224.0.0.1",
        "0.0.0.0",
        "no",
    ],
)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_others_are(address: str) -> None:
    assert public(address)


def test_the_status_table() -> None:
    table = {
        201: "accepted",
        404: "gone",
        410: "gone",
        400: "our_fault",
        413: "our_fault",
        401: "key_refused",
    }
    table |= {403: "key_refused", 429: "wait", 503: "wait", 500: "again", 502: "again", 307: "our_fault"}
    assert {status: meaning(status) for status in table} == table


@given(st.text(max_size=300), st.text(max_size=8_000))
def test_a_payload_always_fits(title: str, body: str) -> None:
    data = payload(note(title, body), "s1")
    assert len(data) <= MAX_PLAINTEXT
    said = json.loads(data)
    assert (said["title"], said["subscription_id"]) == (title, "s1")  # beacons name the subscription


def test_topic_and_ttl() -> None:
    assert len(topic("request:1")) == 32
    assert topic("request:1") == topic("request:1") != topic("request:2")
    assert ttl(note(), now=4_000, occurred_at=1_000) == 6
    assert ttl(note(), now=11_000, occurred_at=1_000) < 0
