"""`python -m infra.chromium`: sees to it that the browser tests find a Chromium.

One that is installed, else Playwright's own, else the system's package manager's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def installed() -> str | None:
    """Path of a browser on PATH, or of Playwright's own, that really starts here."""
    for name in NAMES:
        if (found := shutil.which(name)) and runs(found):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if runs(own) else None


def runs(path: str) -> bool:
    """False for one without its libraries, and for a stub that only says where to get it."""
    if not Path(path).exists():
        return False
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def main() -> int:
    """0 once there is one; 1 and one sentence otherwise."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        ways.append([*prefix, "apt-get", "update", "-q"])  # a fresh image has no lists to install from
        ways.append([*prefix, "apt-get", "install", "-y", "-q", "chromium"])
    for way in ways:
        if installed():
            break
        print(f"Getting Chromium: {' '.join(way[-3:])}", flush=True)
        subprocess.run(way, check=False)
    if found := installed():
        print(f"Chromium: {found}")
        return 0
    print("No Chromium could be had: install one with your package manager.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
