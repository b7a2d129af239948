"""What a person may say about themselves and their browsers: checked here, kept on `people`. Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from gateway.claims import Claims
from gateway.errors import Refused
from infra.runtime.settings import Settings
from schemas import push_services
from schemas.ids import derived_id
from schemas.records.people import Person, Preference, Preferences, PushSubscription

MAX_ENDPOINT_CHARS = 2_000
P256DH_BYTES, AUTH_BYTES = 65, 16


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where may be pushed to: host names (`*.name`: all below it); `loopback` is for tests."""

    hosts: tuple[str, ...] = push_services.HOSTS
    loopback: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Allowed:
        """The known services and those of the settings."""
        return cls(push_services.hosts(settings.push_extra_hosts), settings.push_allow_loopback)


def subscription(
    claims: Claims, endpoint: str, p256dh: str, auth: str, vapid_key: str, allowed: Allowed
) -> PushSubscription:
    """A browser's subscription, if it may be pushed to. Refused 400 says what is wrong with it."""
    check_endpoint(endpoint, allowed)
    _check_key(p256dh)
    if len(_bytes(auth, "auth")) != AUTH_BYTES:
        raise Refused(400, "invalid_subscription", f"auth must be {AUTH_BYTES} bytes, base64url.")
    return PushSubscription(
        subscription_id=subscription_id(claims.user_id, endpoint),
        user_id=claims.user_id,
        endpoint=endpoint,
        p256dh=p256dh.rstrip("="),
        auth=auth.rstrip("="),
        vapid_key=vapid_key,
        token_id=claims.token_id,
    )


def subscription_id(user_id: str, endpoint: str) -> str:
    """The same browser of the same person is the same subscription."""
    return derived_id("push", user_id, endpoint)


def check_endpoint(endpoint: str, allowed: Allowed) -> None:
    """Refused 400 unless https, port 443, no user info, at a push service on the list."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise Refused(400, "invalid_subscription", "The endpoint is no address.") from error
    host = (parts.hostname or "").lower()
    if parts.username is not None or parts.password is not None:
        raise Refused(400, "invalid_subscription", "The endpoint must not carry user information.")
    if len(endpoint) > MAX_ENDPOINT_CHARS or not endpoint.isascii() or any(ord(c) <= 32 for c in endpoint):
        raise Refused(400, "invalid_subscription", "The endpoint is too long or no address.")
    if allowed.loopback and host == "127.0.0.1" and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https" or port not in (None, 443):
        raise Refused(400, "invalid_subscription", "The endpoint must be https on port 443.")
    if not push_services.allowed(host, allowed.hosts):
        raise Refused(400, "invalid_subscription", "The endpoint is at no push service we know.")


def _check_key(p256dh: str) -> None:
    point = _bytes(p256dh, "p256dh")
    try:
        if len(point) != P256DH_BYTES:
            raise ValueError("length")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise Refused(400, "invalid_subscription", "p256dh must be a point of P-256, 65 bytes.") from error


def _bytes(value: str, name: str) -> bytes:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(400, "invalid_subscription", f"{name} is not base64url.") from error


def preferences(user_id: str, known: Preferences | None, wanted: list[Preference]) -> Preferences:
    """The person's switches with the wanted ones set; emergencies cannot be switched off (400)."""
    switches = {(one.category, one.channel): one for one in (known.switches if known else [])}
    for one in wanted:
        if one.category == "emergency" and not one.on:
            raise Refused(400, "critical", "Emergencies are always told, in the bell and by push.")
        switches[one.category, one.channel] = one
    return Preferences(user_id=user_id, switches=list(switches.values()))


def visible(person: Person, to_staff: bool) -> dict[str, object]:
    """A person as others see them: guests see who works here, not which room another guest has."""
    found: dict[str, object] = {"user_id": person.user_id, "name": person.name, "role": person.role}
    if to_staff:
        found |= {"language": person.language, "room_id": person.room_id}
    if person.role != "guest":
        found["departments"] = person.departments
    return found
