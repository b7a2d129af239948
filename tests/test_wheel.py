"""A wheel takes what the product needs at run time, and nothing of a checkout's tools."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from gateway.pages import served

ROOT = Path(__file__).parent.parent
ROOMS = ("schemas", "streams", "gateway", "dashboards", "infra")
# The step of a build that says what is in the wheel; the others pack it.
BUILD = "from setuptools import setup; setup(script_args=['-q', 'build_py', '--build-lib', 'built'])"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_pages_go_along_and_what_npm_put_beside_them_does_not(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "requirements"):
        whole = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        whole(ROOT / name, tmp_path / name)
    for room in ROOMS:
        skip = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=skip)
    pages = {f"gateway/web/{name}" for name in files(ROOT / "gateway/web") if served(Path(name))}
    for name in ("node_modules/typescript/lib/tsc.js", "js/node_modules/x/index.js"):
        (tmp_path / "gateway/web" / name).parent.mkdir(parents=True)
        (tmp_path / "gateway/web" / name).touch()
    older = tmp_path / "concierge_live.egg-info"
    older.mkdir()
    (older / "SOURCES.txt").write_text("gateway/web/node_modules/typescript/lib/tsc.js\n")
    command = [sys.executable, "-c", BUILD]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built = files(tmp_path / "built")
    assert {name for name in built if name.startswith("gateway/") and not name.endswith(".py")} == pages
    assert not any("node_modules" in name for name in built)
    assert {name for name in built if name.endswith(".py")} == {
        f"{room}/{name}" for room in ROOMS for name in files(ROOT / room) if name.endswith(".py")
    }
    wanted = ("infra/engines/kafka/jars.lock", "infra/migrations/sql/0001_create_database.sql")
    assert {*wanted, "schemas/published/ids.json"} <= built
