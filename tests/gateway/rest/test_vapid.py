"""The key that browsers subscribe with."""

from __future__ import annotations

import base64

import pytest
from pydantic import SecretStr

from gateway.errors import Refused
from gateway.rest.vapid import public_key
from infra.runtime.settings import Settings
from tests.gateway.support import VAPID


def test_the_public_half_is_a_point_and_always_the_same() -> None:
    settings = Settings(vapid_private_key=SecretStr(VAPID))
    point = base64.urlsafe_b64decode(public_key(settings) + "=")
    assert (len(point), point[0]) == (65, 4)
    assert public_key(settings) == public_key(settings)


def test_without_a_key_push_is_off_and_says_so() -> None:
    with pytest.raises(Refused) as refused:
        public_key(Settings())
    assert (refused.value.status, refused.value.code) == (503, "push_off")
