"""Ports for what is started on the side: the product of a bench, a broker that trains, a part under test."""

from __future__ import annotations

import random
import socket

from infra.runtime.problems import Problem

# Below those that the kernel gives to outgoing connections by itself (from 32768 on Linux): such a port is
# free at one moment and the near end of a client's connection at the next. Above the product's own defaults.
FIRST, LAST = 20_000, 32_000


def free_row(count: int = 1) -> int:
    """The first of so many ports in a row that nobody uses now. Problem where there are none."""
    # not the shared generator: whoever seeds it (Hypothesis does) would have two processes choose alike
    for base in random.SystemRandom().sample(range(FIRST, LAST, count), 50):
        if all(_free(port) for port in range(base, base + count)):
            return base
    raise Problem(f"There are no {count} free ports in a row between {FIRST} and {LAST}: end what uses them.")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
