"""VAPID headers (RFC 8292), one per push service's origin, signed again before they run out."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives import serialization
from py_vapid import Vapid02, VapidException

# RFC 8292 allows 24 h; half of it leaves room for clocks.
LIFETIME_S = 12 * 60 * 60
RENEW_BEFORE_S = 60 * 60


class Signer:
    """Our key. `sub` is how a push service reaches us. ValueError: one of the two is not what it must be."""

    def __init__(self, private_key: str, subject: str) -> None:
        try:
            self._vapid = Vapid02.from_string(private_key)
        except Exception as error:  # py_vapid raises its own and cryptography's errors
            raise ValueError("CONCIERGE_VAPID_PRIVATE_KEY is no P-256 key in base64url") from error
        try:
            self._vapid.sign({"aud": "https://push.invalid", "exp": 0, "sub": subject})
        except VapidException as error:
            raise ValueError(
                "CONCIERGE_VAPID_SUBJECT is neither a mailto: address nor https://host"
            ) from error
        self._subject = subject
        self._headers: dict[str, tuple[str, int]] = {}
        point = self._vapid.public_key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.public_key = base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def header(self, origin: str, now_s: int) -> str:
        """The Authorization header for this origin."""
        header, expires = self._headers.get(origin, ("", 0))
        if expires - now_s < RENEW_BEFORE_S:
            expires = now_s + LIFETIME_S
            claims = {"aud": origin, "exp": expires, "sub": self._subject}
            header = self._vapid.sign(claims)["Authorization"]
            self._headers[origin] = (header, expires)
        return header
