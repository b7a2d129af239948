"""The checker of histories: each thing that can be wrong is found, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.bench.histories import History, Verdict, judge

LOG = {"a": ["1", "2", "3"], "b": ["4"]}


def verdict(heard: list[str], **more: list[str]) -> Verdict:
    return judge(LOG, [History(heard={"a": heard}, **more)])


def test_all_of_it_once_in_order_is_right() -> None:
    history = History(["1", "4"], ["1", "4"], {"a": ["1", "2", "3"], "b": ["4"]})
    assert judge(LOG, [history, history]) == Verdict(deliveries=8)
    assert judge(LOG, [History()]) == Verdict(), "who listens to nothing loses nothing"


@pytest.mark.parametrize(
    ("heard", "wrong"),
    [
        (["1", "3"], Verdict(deliveries=2, lost=1)),
        ([], Verdict(lost=3)),
        (["1", "2", "2", "3"], Verdict(deliveries=3, doubled=1)),
        (["2", "1", "3"], Verdict(deliveries=3, reordered=1)),
        (["1", "2", "3", "4"], Verdict(deliveries=3, foreign=1)),
    ],
)
def test_what_is_wrong_is_counted(heard: list[str], wrong: Verdict) -> None:
    assert verdict(heard) == wrong


def test_what_was_acked_is_on_the_log_and_what_was_sent_is_acked() -> None:
    assert verdict(["1", "2", "3"], sent=["9"], acked=["9"]) == Verdict(deliveries=3, acked_and_gone=1)
    assert verdict(["1", "2", "3"], sent=["1", "2"], acked=["1"]) == Verdict(deliveries=3, unsettled=1)


@given(st.permutations(["1", "2", "3"]))
def test_an_order_is_right_only_if_it_is_the_logs(heard: list[str]) -> None:
    assert (verdict(heard).reordered == 0) == (heard == ["1", "2", "3"])
