"""Memory is what processes really take, shared pages counted in parts."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil

from infra.supervisor import memory


def test_this_process_takes_what_the_kernel_says() -> None:
    found = memory.pss_bytes([os.getpid()])
    assert 10 * 2**20 < found <= psutil.Process().memory_full_info().rss * 1.5


def test_a_family_is_a_process_and_all_below_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert {os.getpid(), child.pid} <= set(memory.family(os.getpid()))
        child.communicate(b"\n")
    assert memory.family(child.pid) == []


def test_a_process_that_is_gone_takes_nothing() -> None:
    assert memory.pss_bytes([2**22 + 1]) == 0
