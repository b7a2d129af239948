"""The end of the databases that tests make for themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.streams.sinks import stand


@pytest.fixture(autouse=True)
def databases_go_with_their_test() -> Iterator[None]:
    """A table takes 1 MiB of the engine's 1 GiB, full or not. What a whole module shares stays."""
    before = len(stand.made_for)
    yield
    while len(stand.made_for) > before:
        stand.drop(stand.made_for.pop())
