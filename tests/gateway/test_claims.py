"""Only a whole, signed, current token of ours says who somebody is."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from gateway.claims import MAX_TOKEN_BYTES, verify
from gateway.errors import Unauthorized
from infra.runtime.settings import Settings
from schemas.ids import new_id
from tests.gateway.support import SECRET, settings_for, token

SETTINGS = settings_for("127.0.0.1:1")


def signed(key: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "concierge", "aud": "concierge-live", "sub": "anna", "role": "staff", "property": "h",
        "name": "Anna", "iat": now, "exp": now + 3600, "jti": new_id(),
    }  # fmt: skip
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(kept, key, algorithm)


def test_a_good_token_says_who_it_is() -> None:
    claims = verify(token("guest", "h", sub="ann", room="101", stay="R1"), SETTINGS)
    assert (claims.user_id, claims.role, claims.room_id, claims.reservation_id) == (
        "ann",
        "guest",
        "101",
        "R1",
    )
    assert not claims.is_staff
    assert claims.in_property("h")
    assert not claims.in_property("other")


@pytest.mark.parametrize(
    "bad",
    [
        "", "x", "a.b.c", "x" * (MAX_TOKEN_BYTES + 1), signed(key="another-secret-that-is-also-long-enough"),
        signed(key="", algorithm="none"), signed(iss="other"), signed(aud="other"),
        signed(jti=None), signed(exp=None), signed(sub=None), signed(role="root"), signed(role=None),
        signed(property=None), signed(property=""), signed(property="x" * 201), signed(departments="all"),
        signed(departments=[1]), signed(room=101), signed(sub=["anna"]), signed(role=["admin"]),
        signed(sub="\ud800"), signed(iat=str(int(time.time()))), signed(iat=True), signed(iat=-1),
        signed(exp=10**30), signed(exp=str(int(time.time()) + 60)), signed(nbf=time.time() + 600),
    ],
)  # fmt: skip
def test_any_other_token_is_refused(bad: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        verify(bad, SETTINGS)
    assert (refused.value.status, refused.value.close_code) == (401, 4401)


def test_another_algorithm_is_not_accepted_with_the_right_key() -> None:
    settings = Settings(kafka_url="127.0.0.1:1", jwt_secret=SECRET * 2)
    assert verify(signed(key=SECRET * 2), settings).user_id == "anna"
    with pytest.raises(Unauthorized):
        verify(signed(key=SECRET * 2, algorithm="HS512"), settings)


def test_an_expired_one_has_its_own_code() -> None:
    with pytest.raises(Unauthorized) as refused:
        verify(token(seconds=-60), SETTINGS)
    assert (refused.value.code, refused.value.close_code) == ("token_expired", 4101)


@pytest.mark.parametrize(
    ("role", "every"), [("admin", True), ("system", True), ("staff", False), ("guest", False)]
)
def test_every_hotel_is_for_admins_and_systems(role: str, every: bool) -> None:
    assert verify(token(role, "*"), SETTINGS).in_property("h") is every


def test_managers_work_in_every_department_staff_in_theirs() -> None:
    staff = verify(token("staff", departments=["housekeeping"]), SETTINGS)
    assert staff.works_in("housekeeping")
    assert not staff.works_in("security")
    assert verify(token("manager"), SETTINGS).works_in("security")
