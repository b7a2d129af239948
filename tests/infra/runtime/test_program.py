"""A program is known by the sources that fold facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.runtime import program


def test_any_change_of_a_source_is_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in program.FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(program, "_ROOT", tmp_path)
    file = tmp_path / "streams" / "rules" / "staff.py"
    found = []
    for text in ("a = 1\n", "a = 2\n"):
        file.write_text(text)
        found.append(program.program.__wrapped__())
    assert found[0] != found[1]
    (file.parent / "__pycache__").mkdir()
    assert program.program.__wrapped__() == found[1]


def test_there_is_something_to_know_it_by() -> None:
    root = Path(program.__file__).parents[2]
    assert all(any((root / folder).glob("*.py")) for folder in program.FOLDERS if "published" not in folder)
    assert len(program.program()) == 32
