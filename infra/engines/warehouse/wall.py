"""What lies beneath the SQL guard: a process that has nothing to tell, whatever a statement makes it read.

The kernel's Landlock leaves it its own folder and, to read, its program and what describes the machine; no
file may be executed, no TCP connection made. It holds for the thread that raises it and those it starts, so
it must stand before the engine is loaded.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import sys
import tempfile
from pathlib import Path

# What a library may want to know; of the rest of the environment nothing is kept, above all no password.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "JE_MALLOC_CONF", "PYTHONPATH")

_ROOT = Path(__file__).parents[3]
# /proc/PID of others is closed to a walled process by the kernel; its own environment is wiped.
_READABLE: tuple[str, ...] = ("/usr", "/lib", "/lib64", "/proc", "/sys", "/dev/urandom", "/dev/random")
_READABLE += ("/etc/ld.so.cache", "/etc/localtime", "/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf")

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_READ = _READ_FILE | _READ_DIR
_OF_FILES = 1 | _WRITE_FILE | _READ_FILE | _TRUNCATE
_CONNECT_TCP = 1 << 1
_SCOPES = 3  # abstract sockets and signals stay among the walled
_NO_NEW_PRIVS = 38


def empty_pockets() -> None:
    """Forgets the environment but KEPT, also where /proc/self/environ shows what the process began with."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    os.environ.clear()
    if sys.platform == "linux":
        said = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, end = int(said[47]), int(said[48])  # env_start and env_end, the 50th and 51st of proc(5)
        if 0 < start < end:
            ctypes.memset(start, 0, end - start)
    os.environ.update(kept)


def rise(folder: Path) -> int:
    """Leaves this process `folder` and little else. Returns Landlock's version, 0 where there is none.

    Temporary files are in `folder` too; those of a process before it are removed.
    """
    temporary = folder / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(mode=0o700)
    tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    version: int = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return 0
    rights = (1 << {1: 13, 2: 14}.get(version, 15)) - 1
    wanted = struct.pack("QQQ", rights, _CONNECT_TCP * (version >= 4), _SCOPES * (version >= 6))
    ruleset: int = libc.syscall(_CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0)
    if ruleset < 0:
        return 0
    try:
        for path, right in _rules(folder.resolve(), rights):
            _allow(libc, ruleset, path, right & rights)
        raised = libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
        return version if raised else 0
    finally:
        os.close(ruleset)


def _rules(folder: Path, rights: int) -> list[tuple[Path, int]]:
    rules = [(folder, rights), (Path("/dev/null"), _READ_FILE | _WRITE_FILE)]
    rules += [(_ROOT / package, _READ) for package in ("infra", "schemas")]
    for said in (*_READABLE, sys.prefix, sys.base_prefix, *sys.path):
        path = Path(said).resolve()
        # Where our data lies below, as in a checkout, names may be seen, but not the secrets beside the data.
        rules.append((path, _READ_DIR if folder.is_relative_to(path) else _READ))
    return rules


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, right: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = struct.pack("=Qi", right if path.is_dir() else right & _OF_FILES, place)
        libc.syscall(_ADD_RULE, ruleset, 1, rule, 0)
    finally:
        os.close(place)
