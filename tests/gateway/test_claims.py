"""Only a whole, signed, current token of ours says who somebody is."""

from __future__ import annotations

import time
from collections.abc import Callable
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


# Of the moment of the test, which may come long after it was collected.
NOW: dict[str, Callable[[float], Any]] = {
    "iat": lambda now: str(int(now)),
    "exp": lambda now: str(int(now) + 60),
    "nbf": lambda now: now + 600,
}


@pytest.mark.parametrize(
    "bad",
    [
        {"key": "another-secret-that-is-also-long-enough"}, {"key": "", "algorithm": "none"},
        {"iss": "other"}, {"aud": "other"}, {"jti": None}, {"exp": None}, {"sub": None}, {"role": "root"},
        {"role": None}, {"property": None}, {"property": ""}, {"property": "x" * 201},
        {"departments": "all"}, {"departments": [1]}, {"room": 101}, {"sub": ["anna"]},
        {"role": ["admin"]}, {"sub": "\ud800"}, {"iat": True}, {"iat": -1}, {"exp": 10**30},
        {"iat": NOW["iat"]}, {"exp": NOW["exp"]}, {"nbf": NOW["nbf"]},
    ],
)  # fmt: skip
def test_any_other_token_is_refused(bad: dict[str, Any]) -> None:
    now = time.time()
    refuse(signed(**{name: value(now) if callable(value) else value for name, value in bad.items()}))


@pytest.mark.parametrize("bad", ["", "x", "a.b.c", "x" * (MAX_TOKEN_BYTES + 1)])
def test_what_is_no_token_is_refused(bad: str) -> None:
    refuse(bad)


def refuse(bad: str) -> None:
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
