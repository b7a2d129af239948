"""The broker's data folder: is it whole, half-written or damaged?

`format` writes into a temporary sibling and renames it, so our own half-written folder is one that never
held data. Anything else without a whole `meta.properties` is made anew only if it holds no record.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from infra.runtime.problems import Problem

State = Literal["absent", "whole", "half_written", "damaged"]

_PARTITION = re.compile(r".+-\d+")
_NEEDED = ("version", "cluster.id", "node.id", "directory.id")


def state(log_dir: Path) -> State:
    """`half_written`: not formatted, without records. `damaged`: not formatted, but with records."""
    if not log_dir.exists():
        return "absent"
    if _is_formatted(log_dir):
        return "whole"
    return "damaged" if _holds_records(log_dir) else "half_written"


def prepare(log_dir: Path, format_folder: Callable[[Path], None]) -> bool:
    """Makes the folder ready; True if it was formatted now. Problem if damaged: nothing is deleted then."""
    now = state(log_dir)
    if now == "whole":
        return False
    if now == "damaged":
        raise Problem(
            f"{log_dir} holds Kafka records but no whole meta.properties: restore that file from a backup, "
            "or move the folder away to start with an empty log."
        )
    fresh = log_dir.with_name(log_dir.name + ".formatting")
    for leftover in (fresh, log_dir):
        if leftover.exists():
            shutil.rmtree(leftover)
    format_folder(fresh)
    fresh.rename(log_dir)
    return True


def _is_formatted(log_dir: Path) -> bool:
    meta = log_dir / "meta.properties"
    if not meta.is_file():
        return False
    names = {line.partition("=")[0] for line in meta.read_text(errors="replace").splitlines() if "=" in line}
    return names.issuperset(_NEEDED)


def _holds_records(log_dir: Path) -> bool:
    partitions = (path for path in log_dir.iterdir() if path.is_dir() and _PARTITION.fullmatch(path.name))
    return any(log.stat().st_size > 0 for path in partitions for log in path.glob("*.log"))
