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
    """Path of a browser on PATH, or of Playwright's own."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def main() -> int:
    """0 once there is one; 1 and one sentence otherwise."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
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
