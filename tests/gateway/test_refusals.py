"""A refusal over HTTP: status, shape, and when to come back."""

from __future__ import annotations

import msgspec
import pytest

from gateway.errors import Refused, Unauthorized
from gateway.refusals import answer


@pytest.mark.parametrize(("wait", "said"), [(0.02, "1"), (2.4, "2"), (7.0, "7")])
def test_when_to_come_back_is_whole_seconds_and_never_none(wait: float, said: str) -> None:
    found = answer(Refused(429, "rate_limited", "Too much.", wait))
    assert (found.status_code, found.headers["retry-after"]) == (429, said)
    error = msgspec.json.decode(found.body)["error"]
    assert error == {"code": "rate_limited", "message": "Too much.", "retry_after": wait}


def test_who_has_no_token_is_told_which_kind_is_asked_for() -> None:
    found = answer(Unauthorized("token_missing", "Sign in.", 4401))
    assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer")
    assert "retry-after" not in found.headers
