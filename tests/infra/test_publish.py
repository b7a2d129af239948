"""Only a FULL_TRANSITIVE change can be published."""

from __future__ import annotations

import json
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
