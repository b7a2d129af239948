"""Python's garbage collector, told what it need not look at.

A full collection stops the process: 100 ms where an agent or a gateway knew 100 hotels (180,000 objects that
hold others). Records hold no cycles and are not tracked at all (`schemas/record.py`); what a process loads
and folds before its first event stays, so it is set aside.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made between two searches. With Python's own 700 a folder of 40 k facts a second spent a fifth of
# its CPU on them.
SEARCH_AFTER = 20_000


@contextmanager
def loading() -> Iterator[None]:
    """For imports: nothing is collected meanwhile, and seldom from then on; what is there then stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(SEARCH_AFTER)
        gc.enable()


def keep() -> None:
    """Collects once more; what is left stays, until nothing refers to it."""
    gc.collect()
    gc.freeze()
