"""A new lock is written from what was resolved, hashes of the bytes themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.engines.kafka import lock, relock


def test_the_lock_is_written_from_what_is_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = (lock.Jar("org.a", "b", "1.0", "0" * 64),)
    monkeypatch.setattr(relock, "resolve", lambda _: found)
    monkeypatch.setattr(lock, "LOCK_FILE", tmp_path / "jars.lock")
    relock.main()
    assert lock.load() == found
    assert capsys.readouterr().out == "1 jars written to jars.lock\n"
