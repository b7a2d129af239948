"""Charges lie packed and are known again."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from streams.rules.folio import Folio
from tests.streams.rules.test_revenue import DAY, charge

DRAWN = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-(10**16), 10**16), st.sampled_from(["room", "spa"])), max_size=8
)


@given(DRAWN, st.sets(st.integers(0, 9)))
def test_what_is_voided_comes_back_as_it_was_posted(
    drawn: list[tuple[int, int, str]], void: set[int]
) -> None:
    folio = Folio()
    posted = [charge("a", n, day, cents, kind) for n, (day, cents, kind) in enumerate(drawn)]
    assert all(folio.post(one) for one in posted)
    for n in void:
        wanted = [
            (one.business_date, one.kind == "room", one.amount) for one in posted if one.charge_id == f"a-{n}"
        ]
        assert folio.void(f"a-{n}") == wanted
        assert folio.void(f"a-{n}") == [], "once"
    left = [one for n, one in enumerate(posted) if n not in void]
    assert folio.dates() == {one.business_date for one in left if one.kind == "room"}


def test_a_charge_that_was_voided_before_it_was_heard_does_not_count() -> None:
    folio = Folio()
    assert folio.void("a-1") == []
    assert not folio.post(charge("a", 1, 0, 500))
    assert folio.dates() == set()


def test_a_charge_takes_few_bytes() -> None:
    folio = Folio()
    folio.post(charge("a", 1, 0, 500))
    assert len(folio.charges) == 21
    assert folio.void("a-1") == [(DAY, True, Decimal(5))]
