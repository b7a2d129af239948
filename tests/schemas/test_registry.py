"""What was published stays as it was, and is what the classes say."""

from __future__ import annotations

import json

from infra import publish
from schemas import registry
from schemas.record import avro_schema


def test_every_record_is_published_as_its_class_says() -> None:
    latest = registry.latest()
    for record in publish.records():
        derived = json.loads(json.dumps(avro_schema(record)))
        assert latest[record.__name__].schema == derived, f"{record.__name__}: run python -m infra.publish"


def test_ids_count_from_one_and_versions_follow_each_other() -> None:
    seen: dict[str, int] = {}
    for number, entry in enumerate(registry.published(), start=1):
        assert entry.id == number
        assert entry.version == seen.get(entry.record, 0) + 1
        seen[entry.record] = entry.version
        assert entry.subject == f"live.concierge.{entry.record}"


def test_every_version_reads_every_other() -> None:
    versions: dict[str, list[registry.Published]] = {}
    for entry in registry.published():
        for earlier in versions.setdefault(entry.record, []):
            assert publish.incompatibilities(earlier.schema, entry.schema) == []
        versions[entry.record].append(entry)


def test_what_was_published_is_as_it_was_and_has_the_id_it_had() -> None:
    kept = json.loads((publish.FOLDER / "chain.json").read_text())
    assert publish.rewritten() is None
    assert kept == publish.chain(), "what is new is published by python -m infra.publish"
