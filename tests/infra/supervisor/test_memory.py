"""Memory is what processes really take, shared pages counted in parts."""

from __future__ import annotations

import os

import psutil

from infra.supervisor import memory


def test_this_process_takes_what_the_kernel_says() -> None:
    found = memory.pss_bytes([os.getpid()])
    assert 10 * 2**20 < found <= psutil.Process().memory_full_info().rss * 1.5


def test_a_process_that_is_gone_takes_nothing() -> None:
    assert memory.pss_bytes([2**22 + 1]) == 0
