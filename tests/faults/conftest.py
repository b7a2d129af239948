"""One product for the faults, as `concierge up` starts it; it must stop in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.bench.stack import Stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Ready, without a simulator."""
    started = Stack(tmp_path_factory.mktemp("faults"))
    started.start()
    try:
        started.wait()
        yield started
    finally:
        started.stop()
