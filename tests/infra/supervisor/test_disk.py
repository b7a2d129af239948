"""A disk that fills is said once, and once again when it has space."""

from __future__ import annotations

from pathlib import Path

from infra.supervisor.disk import Disk


def test_only_changes_are_said() -> None:
    disk = Disk(Path("/data"), least=100 * 2**20)
    seen = [disk.look(megabytes * 2**20) for megabytes in (200, 99, 50, 105, 120, 120, 10)]
    assert [event.kind if event else None for event in seen] == [
        None, "full", None, None, "space", None, "full",
    ]  # fmt: skip
    assert seen[1]
    assert seen[1].sentence.startswith("The disk of /data is nearly full (99 MB left): free some space.")
