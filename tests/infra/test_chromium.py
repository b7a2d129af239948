"""The browser tests' Chromium is found where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import chromium


def test_one_on_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\nexit 0\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.installed() == str(browser)
    assert chromium.main() == 0


def test_one_that_does_not_start_is_none(tmp_path: Path) -> None:
    stub, broken = tmp_path / "stub", tmp_path / "broken"
    stub.write_text("#!/bin/sh\necho install it by other means >&2\nexit 1\n")
    broken.write_bytes(b"\x7fELF")
    for path in (stub, broken):
        path.chmod(0o755)
        assert not chromium.runs(str(path))
    assert not chromium.runs(str(tmp_path / "missing"))
