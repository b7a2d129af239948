"""The bell is one's own; switches, browsers to push to and beacons are checked."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.records.notifications import NotificationState
from tests.gateway.rest.conftest import GUEST, KEEPER, House
from tests.patience import until

POINT = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
    Encoding.X962, PublicFormat.UncompressedPoint
)  # fmt: skip
KEYS = {
    "p256dh": base64.urlsafe_b64encode(POINT).decode().rstrip("="),
    "auth": base64.urlsafe_b64encode(b"a" * 16).decode().rstrip("="),
}
BROWSER: dict[str, Any] = {"endpoint": "https://fcm.googleapis.com/fcm/send/abc", "keys": KEYS}
PUSH = "/api/notifications/push"


async def test_the_bell_newest_first_and_nobody_elses(house: House) -> None:
    for user, own, at, status in (
        ("guest-1", "a", 1, "read"),
        ("guest-1", "b", 2, "unseen"),
        ("x", "c", 3, "unseen"),
    ):
        house.model.notifications.setdefault(user, {})[own] = NotificationState(
            notification_id=own, user_id=user, category="request", title="t", body="b", channels=["bell"],
            status=status, notified_at=at, expires_at=9,  # type: ignore[arg-type]  # a Literal by its text
        )  # fmt: skip
    found = await house.get(GUEST, "/api/notifications/history")
    assert ([one["notification_id"] for one in found["notifications"]], found["unread"]) == (["b", "a"], 1)


async def test_switches_add_up_and_an_emergency_always_rings(house: House) -> None:
    path = "/api/notifications/preferences"
    off = {"category": "request", "channel": "push", "on": False}
    answer = await house.ask(GUEST, "PUT", path, json={"switches": [off]})
    assert answer.json() == {"switches": [off]}

    async def kept() -> Any:
        return (await house.get(GUEST, path))["switches"]

    assert await until(kept) == [off]
    for channel in ("bell", "push"):
        loud = {"switches": [{"category": "emergency", "channel": channel, "on": False}]}
        assert await house.refused(GUEST, "PUT", path, json=loud) == (400, "critical")


async def test_a_browser_is_one_persons_at_a_time(house: House) -> None:
    async def owned_by(*owners: str) -> None:
        await until(
            lambda: sorted(one.user_id for one in house.model.subscriptions.values()) == sorted(owners)
        )

    await house.ask(GUEST, "POST", PUSH, json=BROWSER)
    await owned_by("guest-1")
    await house.ask(KEEPER, "POST", PUSH, json=BROWSER)  # the next one at the same device
    await owned_by("staff-1")
    await house.ask(GUEST, "POST", PUSH, json=BROWSER | {"endpoint": BROWSER["endpoint"] + "d"})
    await owned_by("guest-1", "staff-1")


async def test_a_browser_comes_is_heard_of_and_goes(house: House) -> None:
    own = (await house.ask(GUEST, "POST", PUSH, json=BROWSER)).json()["subscription_id"]
    await until(lambda: own in house.model.subscriptions)
    beacon = {"notification_id": "n", "subscription_id": own, "state": "shown"}
    assert (await house.ask(GUEST, "POST", f"{PUSH}/beacon", json=beacon)).json() == {"done": True}
    no = await house.refused(KEEPER, "POST", f"{PUSH}/beacon", json=beacon)
    assert no == (404, "unknown_subscription"), "somebody else's"
    evil = BROWSER | {"endpoint": "https://169.254.169.254/latest"}
    assert await house.refused(GUEST, "POST", PUSH, json=evil) == (400, "invalid_subscription")
    await house.ask(GUEST, "DELETE", PUSH, json={"endpoint": BROWSER["endpoint"]})
    await until(lambda: own not in house.model.subscriptions)
