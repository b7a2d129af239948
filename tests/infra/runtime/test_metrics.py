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
