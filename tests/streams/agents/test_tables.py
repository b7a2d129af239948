"""The method of Faust that is repeated without its sleep is still the one that was read."""

from __future__ import annotations

import hashlib
import inspect

from faust.tables import TableManager

from streams.agents.tables import ORIGINAL_SHA256


def test_the_shortened_start_is_the_one_that_was_read() -> None:
    source = inspect.getsource(TableManager.on_start)
    assert hashlib.sha256(source.encode()).hexdigest() == ORIGINAL_SHA256
