"""When a client comes back."""

from __future__ import annotations

from gateway.client import comeback


def test_waits_double_up_to_a_most_and_chance_draws_half_of_each_after_a_first_one() -> None:
    assert comeback.delay(0, 0.0) == 0.0
    assert comeback.delay(0, 0.999) < comeback.FIRST_SECONDS / 2
    for failures in range(1, 40):
        whole = min(comeback.MOST_SECONDS, comeback.FIRST_SECONDS * 2**failures)
        assert comeback.delay(failures, 0.0) == whole / 2
        assert whole / 2 < comeback.delay(failures, 0.999) < whole


def test_only_closes_that_name_the_client_are_for_good() -> None:
    assert [code for code in range(1000, 5000) if comeback.stays_away(code)] == list(range(4400, 4500))
