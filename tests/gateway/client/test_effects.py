"""Why a client is told that it is over."""

from __future__ import annotations

import pytest

from gateway.client import comeback
from gateway.client.effects import ended
from gateway.protocol import EXPIRED, FORBIDDEN, PROTOCOL, SUPERSEDED, TOO_LARGE, UNAUTHORIZED

CODES = (PROTOCOL, UNAUTHORIZED, FORBIDDEN, SUPERSEDED, TOO_LARGE)


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_keeps_a_client_away_has_the_status_it_ends_with(code: int) -> None:
    assert comeback.stays_away(code)
    assert ended(code).status == code - 4000
    assert str(code) in ended(code).message


def test_each_has_a_name_of_its_own_and_an_unknown_one_is_a_refusal() -> None:
    assert len({ended(code).code for code in (*CODES, EXPIRED, 4499)}) == len(CODES) + 2
    assert (ended(EXPIRED).status, ended(4499).status) == (401, 403)
