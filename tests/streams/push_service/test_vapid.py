"""VAPID headers."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from streams.push_service.vapid import LIFETIME_S, RENEW_BEFORE_S, Signer
from tests.standins.push_service import unb64, vapid_key


def test_each_origin_has_its_own_audience_and_headers_are_reused() -> None:
    signer = Signer(vapid_key(), "mailto:ops@hotel.invalid")
    one = signer.header("https://fcm.googleapis.com", 1_000)
    two = signer.header("https://web.push.apple.com", 1_000)
    assert one == signer.header("https://fcm.googleapis.com", 1_000 + LIFETIME_S - RENEW_BEFORE_S)
    assert one != signer.header("https://fcm.googleapis.com", 1_001 + LIFETIME_S - RENEW_BEFORE_S)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(signer.public_key))
    token = two.split("t=")[1].split(",")[0]
    claims = jwt.decode(
        token, key, algorithms=["ES256"], audience="https://web.push.apple.com", options={"verify_exp": False}
    )
    assert claims["exp"] == 1_000 + LIFETIME_S


def test_a_bad_key_is_said_without_showing_it() -> None:
    with pytest.raises(ValueError, match="CONCIERGE_VAPID_PRIVATE_KEY") as caught:
        Signer("nonsense", "mailto:a@b.c")
    assert "nonsense" not in str(caught.value)


@pytest.mark.parametrize("subject", ["nobody", "", "http://hotel.example"])
def test_a_subject_that_no_push_service_takes_is_said_at_the_start(subject: str) -> None:
    with pytest.raises(ValueError, match="CONCIERGE_VAPID_SUBJECT is neither a mailto: address nor"):
        Signer(vapid_key(), subject)
    Signer(vapid_key(), "https://hotel.example")
