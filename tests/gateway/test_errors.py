"""The one shape of every no."""

from __future__ import annotations

from gateway.errors import Unauthorized, forbidden, kafka_away, outcome_unknown, unknown


def test_one_shape() -> None:
    assert forbidden("Not yours.").body() == {"error": {"code": "forbidden", "message": "Not yours."}}
    assert unknown("room", "9").body()["error"]["code"] == "unknown_room"
    assert unknown("room", "9").status == 404


def test_whether_to_try_again_and_how() -> None:
    assert kafka_away().body()["error"]["retry_after"] == 2.0
    assert (kafka_away().code, outcome_unknown().code) == ("log_unavailable", "unknown")
    assert (kafka_away().status, outcome_unknown().status) == (503, 503)


def test_a_bad_token_is_401_and_its_close_code() -> None:
    refused = Unauthorized("token_expired", "x", 4101)
    assert (refused.status, refused.close_code) == (401, 4101)
