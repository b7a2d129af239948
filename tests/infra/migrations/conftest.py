"""One database with all tables and views for this folder: each module writes hotels of its own into it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures_warehouse import Warehouse
from tests.infra.migrations import hotel


@pytest.fixture(scope="package")
def views(warehouse: Warehouse) -> Iterator[Any]:
    """A writer's client."""
    with hotel.database(warehouse) as client:
        yield client
