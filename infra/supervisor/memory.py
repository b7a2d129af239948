"""How much memory processes really take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import psutil


def family(pid: int) -> list[int]:
    """This process and all below it; empty if it is gone."""
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.Error:
        return []


def pss_bytes(pids: Iterable[int]) -> int:
    """Sum of the proportional set sizes (Linux); a process that is gone counts 0."""
    return sum(_one(pid) for pid in pids)


def _one(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
