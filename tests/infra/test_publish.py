"""Only a FULL_TRANSITIVE change can be published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra import publish


def _schema(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "R", "namespace": "live.concierge", "fields": list(fields)}


BASE = _schema({"name": "a", "type": "string"})


def test_a_new_field_with_a_default_is_compatible() -> None:
    grown = _schema(*BASE["fields"], {"name": "b", "type": ["null", "long"], "default": None})
    assert publish.incompatibilities(BASE, grown) == []


@pytest.mark.parametrize(
    "changed",
    [
        _schema(*BASE["fields"], {"name": "b", "type": "long"}),
        _schema({"name": "a", "type": "long"}),
        _schema(),
    ],
    ids=["new field without default", "other type", "field without default taken away"],
)
def test_a_breaking_change_is_refused(changed: dict[str, Any]) -> None:
    assert publish.incompatibilities(BASE, changed)


def test_nothing_is_left_to_publish() -> None:
    assert publish.changes() == []


def test_a_changed_record_gets_the_next_version_and_its_problems(tmp_path: Path) -> None:
    name = publish.records()[0].__name__
    (tmp_path / "ids.json").write_text(json.dumps([f"{name}.v1"]))
    (tmp_path / f"{name}.v1.avsc").write_text(
        json.dumps({"type": "record", "name": name, "namespace": "live.concierge", "fields": []})
    )
    changes = {full: problems for full, _, problems in publish.changes(tmp_path)}
    assert changes[f"{name}.v2"], "fields without defaults were added"


def _published(folder: Path) -> Path:
    shutil.copytree(publish.FOLDER, folder / "published")
    return folder / "published"


def test_an_id_that_moves_and_a_schema_that_changes_afterwards_are_noticed(tmp_path: Path) -> None:
    folder = _published(tmp_path)
    assert publish.rewritten(folder) is None
    names = json.loads((folder / "ids.json").read_text())
    (folder / "ids.json").write_text(json.dumps([names[1], names[0], *names[2:]]))
    assert publish.rewritten(folder) == names[1]
    (folder / "ids.json").write_text(json.dumps(names[:-1]))
    assert publish.rewritten(folder) == "an id at the end"
    (folder / "ids.json").write_text(json.dumps(names))
    file = folder / f"{names[3]}.avsc"
    schema = json.loads(file.read_text())
    schema["fields"].append({"name": "late", "type": ["null", "long"], "default": None})
    file.write_text(json.dumps(schema))
    assert publish.rewritten(folder) == names[3], "compatible, and yet not what the log holds"


def test_nothing_is_published_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _published(tmp_path)
    monkeypatch.setattr(publish.rewritten, "__defaults__", (folder,))
    (folder / "chain.json").write_text(json.dumps(["0" * 64]))
    assert publish.main() == 1
    assert "is not as it was when it was published; restore it." in capsys.readouterr().err
