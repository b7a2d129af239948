"""So many channels for one person and for all, whatever is heard and left in which order."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.listening import Listening

PEOPLE = st.sampled_from([("h", "ann"), ("h", "ben"), ("h2", "ann")])


@given(st.lists(st.tuples(PEOPLE, st.integers(-2, 4)), max_size=40))
def test_what_is_heard_never_exceeds_either_bound_and_nothing_is_kept_of_who_left(
    asked: list[tuple[tuple[str, str], int]],
) -> None:
    one, heard = Listening(5, 8), Counter[tuple[str, str]]()
    for person, count in asked:
        if count <= 0:
            for _ in range(min(-count, heard[person])):
                one.less(person)
                heard[person] -= 1
            continue
        fits = heard[person] + count <= 5
        if fits and heard.total() + count <= 8:
            one.demand(person, count)
            one.more(person, count)
            heard[person] += count
        else:
            with pytest.raises(Refused) as no:
                one.demand(person, count)
            told = (503, "busy") if fits else (429, "too_many_channels")
            assert (no.value.status, no.value.code, no.value.retry_after) == (*told, 10.0)
    for person, count in heard.items():
        for _ in range(count):
            one.less(person)
    assert (one._all, dict(one._people)) == (0, {})


def test_who_asks_for_what_it_hears_already_is_never_refused() -> None:
    one = Listening(1, 1)
    one.more(("h", "ann"), 2)
    one.demand(("h", "ann"), 0)
