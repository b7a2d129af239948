from __future__ import annotations

from pathlib import Path

import pytest

from infra.engines.warehouse.lock import FolderLock
from infra.runtime.problems import Problem


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(Problem, match="in use by process"):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="cannot write its folder"):
        FolderLock(tmp_path / "file" / "x")
