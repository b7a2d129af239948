"""The City import fills a log and tables of its own: other tests read theirs whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import fixtures_kafka, fixtures_warehouse
from tests.fixtures_warehouse import Warehouse


@pytest.fixture(scope="package")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of this folder's broker."""
    with fixtures_kafka.served(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """This folder's warehouse."""
    with fixtures_warehouse.served(tmp_path_factory.mktemp("warehouse")) as started:
        yield started
