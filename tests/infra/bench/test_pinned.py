"""A core for what is measured, another for all else, and afterwards all as before."""

from __future__ import annotations

import os

import pytest

from infra.bench.pinned import apart


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not let us choose")
def test_who_measures_runs_apart_from_what_is_measured() -> None:
    before = os.sched_getaffinity(0)
    with apart() as core:
        assert core in before
        assert len(before) == 1 or core not in os.sched_getaffinity(0)
    assert os.sched_getaffinity(0) == before
