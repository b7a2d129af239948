"""Fixtures for all tests: the engines are real, and each is started once a process that runs tests."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

pytest_plugins = ["tests.fixtures_kafka", "tests.fixtures_warehouse", "tests.e2e.visitors"]

# What lasts longest begins first, so that the two processes of `make test` end together.
LONGEST = ("tests/infra/importer", "tests/faults", "tests/e2e", "tests/streams", "tests/gateway")


# First: xdist reads the groups in a hook of the same name.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A folder's tests share engines, so they stay in one process."""
    items.sort(key=lambda item: _rank(item.path.parent.relative_to(item.config.rootpath).as_posix()))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(item.path.parent)))


def _rank(folder: str, order: Sequence[str] = LONGEST) -> int:
    return next((place for place, one in enumerate(order) if folder.startswith(one)), len(order))
