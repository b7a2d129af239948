"""Streams read whole topics: each module here has a log of its own, without other tests' poison on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures_kafka import served


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of this module's broker."""
    with served(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap
