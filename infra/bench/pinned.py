"""A core for what is measured and another one for all else, where the system lets us choose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def apart() -> Iterator[int | None]:
    """The core for whoever is measured (None: any); this process and what it starts run on another one."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(mine)})
    try:
        yield min(mine)
    finally:
        os.sched_setaffinity(0, mine)
