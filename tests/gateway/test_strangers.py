"""One address has so much before it is known, another one as much; what was good here goes on."""

from __future__ import annotations

import pytest

from gateway import strangers
from gateway.errors import Refused
from gateway.strangers import FAILURES, Strangers

HERE, THERE = "192.0.2.1", "192.0.2.2"


def refusal(attempt: object, *about: object) -> tuple[int, float]:
    """(status, seconds to wait)."""
    with pytest.raises(Refused) as refused:
        attempt(*about)  # type: ignore[operator]  # a method
    assert refused.value.retry_after is not None
    return refused.value.status, refused.value.retry_after


def test_an_address_knocks_so_often() -> None:
    one = Strangers((10.0, 2.0), 3, 5)
    one.knock(HERE, 0)
    one.knock(HERE, 0)
    assert refusal(one.knock, HERE, 0) == (429, 0.1)
    one.knock(THERE, 0)
    one.knock(HERE, 100)


def test_so_many_wait_and_no_address_takes_every_place() -> None:
    one = Strangers((1.0, 1.0), 3, 5)
    for _ in range(3):
        one.enter(HERE)
    assert refusal(one.enter, HERE)[0] == 503
    for _ in range(5 - 3):
        one.enter(None)
    assert refusal(one.enter, THERE)[0] == 503
    one.leave(None)
    with one.entered(THERE):
        assert one.waiting == 5
    for _ in range(3):
        one.leave(HERE)
    assert one.waiting == 1
    assert not one._waiting, "nothing is kept of who is gone"


def test_bad_tokens_shut_out_what_is_not_known_from_there() -> None:
    one = Strangers((1.0, 1.0), 3, 5)
    one.good("mine")
    for _ in range(int(FAILURES[1])):
        one.demand(HERE, "forged", 0)
        one.bad(HERE, 0)
    assert refusal(one.demand, HERE, "forged", 0) == (429, 1 / FAILURES[0])
    one.demand(HERE, "mine", 0)
    one.demand(THERE, "forged", 0)
    one.demand(HERE, "forged", 1_000)


def test_no_more_good_tokens_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "MOST_KNOWN", 2)
    monkeypatch.setattr(strangers, "FAILURES", (1.0, 0.5))
    one = Strangers((1.0, 1.0), 3, 5)
    for token in ("a", "b", "a", "c"):
        one.good(token)
    one.demand(HERE, "a", 0)
    one.demand(HERE, "c", 0)
    assert refusal(one.demand, HERE, "b", 0)[0] == 429
