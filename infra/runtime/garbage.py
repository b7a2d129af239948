"""Python's garbage collector, told what it need not look at.

A full collection stops the process: 100 ms where an agent or a gateway knew 100 hotels (180,000 objects that
hold others). Records hold no cycles and are not tracked at all (`schemas/record.py`); what a process loads
and folds before its first event stays, so it is set aside.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Nothing is collected meanwhile; what is there at the end stays. For imports: they leave no garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def keep() -> None:
    """Collects once more; what is left stays, until nothing refers to it."""
    gc.collect()
    gc.freeze()
