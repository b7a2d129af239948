"""Names of push services, and those that only look like one."""

from __future__ import annotations

import pytest

from schemas.push_services import allowed, hosts


@pytest.mark.parametrize("host", ["fcm.googleapis.com", "db5.notify.windows.com", "a.b.notify.windows.com"])
def test_known_ones(host: str) -> None:
    assert allowed(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "fcm.googleapis.com.", "fcm.googleapis.com.evil.example", "notify.windows.com",
        ".notify.windows.com", "evilnotify.windows.com", "evil.example\\x.notify.windows.com",
        "evil.example%2f.notify.windows.com", "evil.example;x.notify.windows.com", "x:1.notify.windows.com",
        "FCM.googleapis.com", "127.0.0.1", "::1",
    ],
)  # fmt: skip
def test_others(host: str) -> None:
    assert not allowed(host)


def test_a_house_may_add_its_own() -> None:
    known = hosts(" Push.example ,,*.inside.example")
    assert allowed("push.example", known)
    assert allowed("a.inside.example", known)
    assert allowed("fcm.googleapis.com", known)
    assert not allowed("inside.example", known)
