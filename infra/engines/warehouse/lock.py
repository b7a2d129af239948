"""One process per data folder. The kernel drops the lock with its holder, so kill -9 leaves none behind."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from infra.runtime.problems import Problem


class FolderLock:
    """An exclusive lock on `<folder>/lock`, held until `release`."""

    def __init__(self, folder: Path) -> None:
        """Raises Problem if another process holds it or the folder cannot be written."""
        path = folder / "lock"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise Problem(
                f"The warehouse cannot write its folder {folder} ({problem.strerror}): "
                "make it writable, or set CONCIERGE_DATA_DIR to another folder."
            ) from problem
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            holder = os.pread(self._handle, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._handle)
            raise Problem(
                f"The warehouse's data folder {folder} is in use by process {holder}: "
                "stop that one, or set CONCIERGE_DATA_DIR to another folder."
            ) from problem
        os.truncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Lets the folder go."""
        os.close(self._handle)
