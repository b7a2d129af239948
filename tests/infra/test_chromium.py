"""The browser tests' Chromium is found where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import chromium


def test_one_on_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "chromium"
    browser.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.installed() == str(browser)
    assert chromium.main() == 0
