"""What must hold before anything is started, each failure one sentence."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from infra.runtime.problems import Problem

LEAST_FREE_BYTES = 500 * 1024 * 1024
MOST_PORT = 65_535
_HOSTS = "mend CONCIERGE_HOST or CONCIERGE_PROBE_HOST"


def lock(data_dir: Path) -> TextIO:
    """Holds the data folder for this process until the file is closed; the kernel frees it when we die."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / "lock").open("a+")
    except OSError as error:
        raise Problem(
            f"The data folder {data_dir} can't be used ({error.strerror}): "
            "set CONCIERGE_DATA_DIR to a folder you may write."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Problem(
            f"The data folder {data_dir} is in use by process {owner(data_dir) or 'unknown'}: stop that one, "
            "or set CONCIERGE_DATA_DIR to another folder."
        ) from None
    try:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
    except OSError as error:
        with contextlib.suppress(OSError):  # what could not be written is tried again on the way out
            file.close()
        raise Problem(
            f"The data folder {data_dir} can't be written ({error.strerror}): "
            "free some space, or set CONCIERGE_DATA_DIR to a folder on another disk."
        ) from error
    return file


def owner(data_dir: Path) -> int | None:
    """The process that holds the data folder, if one does."""
    try:
        with (data_dir / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = (data_dir / "lock").read_text().strip()
        return int(text) if text.isdigit() else None
    except OSError:
        return None
    return None


def free_space(data_dir: Path, least: int = LEAST_FREE_BYTES) -> None:
    """Problem if the disk of the data folder is nearly full."""
    free = shutil.disk_usage(data_dir).free
    if free < least:
        raise Problem(
            f"The disk of {data_dir} is full ({free // 2**20} MB left, {least // 2**20} MB needed): "
            "free some space, or set CONCIERGE_DATA_DIR to a folder on another disk."
        )


def agents(workers: str) -> None:
    """Problem where the setting `worker_agents` would run an agent twice, or alerts beside another."""
    seen: set[str] = set()
    for group in workers.split("|"):
        names = [name.strip() for name in group.split(",")]
        if "alerts" in names and len(names) > 1:
            raise Problem(
                "An emergency must not wait behind other work: in CONCIERGE_WORKER_AGENTS give alerts a "
                "worker of its own, `alerts|...`."
            )
        for name in names:
            if name in seen:
                raise Problem(f"{name!r} stands twice in CONCIERGE_WORKER_AGENTS: keep one of them.")
            seen.add(name)


def ports(wanted: Iterable[tuple[str, str, int]]) -> None:
    """`wanted`: (setting, address, port). Problem for the first that can't be had, or is wanted twice."""
    seen: dict[int, str] = {}
    for setting, host, port in wanted:
        if port > MOST_PORT:
            raise Problem(f"Port {port} is beyond {MOST_PORT}: set {setting} to a lower one.")
        if port in seen:
            raise Problem(f"Port {port} is wanted twice: set {setting} or {seen[port]} to another port.")
        seen[port] = setting
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except socket.gaierror as error:
                raise Problem(f"{host} is no address ({error.strerror}): {_HOSTS}.") from error
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise Problem(f"{host} is no address of this machine: {_HOSTS}.") from error
                if error.errno == errno.EACCES:
                    raise Problem(f"Port {port} is for root alone: set {setting} to one above.") from error
                raise Problem(
                    f"Port {port} is taken ({error.strerror}): stop the program that uses it, "
                    f"or set {setting} to another port."
                ) from error
