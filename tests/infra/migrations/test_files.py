from __future__ import annotations

from pathlib import Path

import pytest

from infra.migrations import files
from infra.runtime.problems import Problem


def test_semicolons_in_strings_names_and_comments_are_none() -> None:
    sql = "-- a; b\nSELECT ';' AS `x;y`; /* ; */\nSELECT 'é;' ;;\n-- end;\n"
    assert files.split(sql) == ("-- a; b\nSELECT ';' AS `x;y`", "/* ; */\nSELECT 'é;'")
    assert files.split(" -- nothing;\n") == ()


def test_ours_are_in_order() -> None:
    numbers = [migration.number for migration in files.load()]
    assert numbers == sorted(set(numbers))
    assert all(migration.statements for migration in files.load())


def test_a_gap_is_none_of_our_business(tmp_path: Path) -> None:
    for name in ("0001_make_x", "0007_make_y"):
        (tmp_path / f"{name}.sql").write_text("SELECT 1")
    assert [migration.number for migration in files.load(tmp_path)] == [1, 7]


@pytest.mark.parametrize("names", [["0002_make_x"], ["0001_a_b", "0001_a_c"], ["1_make_x"], ["0001_Make"]])
def test_a_wrong_name_or_number(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / f"{name}.sql").write_text("SELECT 1")
    with pytest.raises(Problem):
        files.load(tmp_path)
