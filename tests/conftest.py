"""Fixtures for all tests: the engines are real, and each is started once a process that runs tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [
    "tests.fixtures_kafka",
    "tests.fixtures_warehouse",
    "tests.fixtures_databases",
    "tests.e2e.visitors",
]

# How long an example takes is the machine's business, beside what else it does.
settings.register_profile("untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# What lasts longest begins first, so that the processes of `make test` end together.
LONGEST = ("tests/infra/importer", "tests/faults", "tests/e2e", "tests/streams", "tests/gateway")


class Folders(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A folder's tests share engines, so they stay in one process."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Folders:
    """Groups of xdist's own go by the names of tests, which pytest 9.2 does not let it change."""
    return Folders(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders in the order of `LONGEST`."""
    items.sort(key=lambda item: _rank(item.path.parent.relative_to(item.config.rootpath).as_posix()))


def _rank(folder: str, order: Sequence[str] = LONGEST) -> int:
    return next((place for place, one in enumerate(order) if folder.startswith(one)), len(order))
