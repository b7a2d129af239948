"""Every metric says what it counts and in which unit."""

from __future__ import annotations

import inspect
import re

from prometheus_client.metrics import MetricWrapperBase

from infra.runtime import metrics

SOURCE = inspect.getsource(metrics)
ALL = [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]


def test_names_are_literals_of_one_family() -> None:
    names = re.findall(r'"(concierge_[a-z_]+)"', SOURCE)
    assert len(names) == len(set(names)) == len(ALL)


def test_each_is_explained_and_documented() -> None:
    for metric in ALL:
        assert metric._documentation.endswith("."), metric
        if metric._type == "counter":
            assert f'"{metric._name}_total"' in SOURCE
        elif metric._type == "histogram":
            assert metric._name.endswith(("_seconds", "_records"))


def test_lag_is_summed_by_topic_and_never_less_than_nothing() -> None:
    metrics.lag(
        "reader-of-the-test", [("rooms", 3), ("rooms", 4), ("staff", -1), ("staff", 0), ("rooms", -9)]
    )
    found = {topic: metrics.LAG_RECORDS.labels("reader-of-the-test", topic) for topic in ("rooms", "staff")}
    assert {topic: one._value.get() for topic, one in found.items()} == {"rooms": 7, "staff": 0}
    metrics.lag("reader-of-the-test", [("rooms", 0)])
    assert found["rooms"]._value.get() == 0
    for topic in found:
        metrics.LAG_RECORDS.remove("reader-of-the-test", topic)
