"""Published schemas: ids that never change, every version ever published, read from the package's own files.

`published/ids.json` is a list: the schema with id N is its N-th entry, `<Record>.v<version>`, and the file
`published/<Record>.v<version>.avsc` holds it. Entries are only ever appended.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from schemas.record import NAMESPACE


@dataclass(frozen=True, slots=True)
class Published:
    """One published schema. `subject` is its full name (RecordNameStrategy); versions count from 1."""

    id: int
    record: str
    version: int
    schema: dict[str, Any]

    @property
    def subject(self) -> str:
        return f"{NAMESPACE}.{self.record}"


@cache
def published() -> tuple[Published, ...]:
    """Every published schema, by id from 1."""
    folder = resources.files("schemas") / "published"
    names = json.loads((folder / "ids.json").read_text())
    found = []
    for number, name in enumerate(names, start=1):
        record, _, version = name.partition(".v")
        schema = json.loads((folder / f"{name}.avsc").read_text())
        found.append(Published(number, record, int(version), schema))
    return tuple(found)


@cache
def by_id() -> dict[int, Published]:
    """Published schemas by id."""
    return {entry.id: entry for entry in published()}


@cache
def latest() -> dict[str, Published]:
    """The newest version of each record, by record name."""
    return {entry.record: entry for entry in published()}
