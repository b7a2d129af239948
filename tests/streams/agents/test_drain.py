"""The private method of Faust that is replaced is still the one that was read."""

from __future__ import annotations

import hashlib
import inspect
from importlib.metadata import version

from faust.transport.consumer import Consumer

from streams.agents import drain


def test_the_replaced_fetch_loop_is_the_one_that_was_read() -> None:
    source = inspect.getsource(Consumer._drain_messages)
    assert version("faust-streaming") == "0.15.3"
    assert hashlib.sha256(source.encode()).hexdigest() == drain.ORIGINAL_SHA256
