"""The public half of our VAPID key, as browsers want it."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid

from gateway.errors import Refused
from infra.runtime.settings import Settings


def public_key(settings: Settings) -> str:
    """Base64url of the uncompressed point. Refused 503 where no key is set."""
    private = settings.vapid_private_key.get_secret_value()
    if not private:
        raise Refused(503, "push_off", "Web push is not set up here (CONCIERGE_VAPID_PRIVATE_KEY).")
    return _public(private)


@lru_cache(maxsize=4)
def _public(private: str) -> str:
    point = Vapid.from_string(private).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")
