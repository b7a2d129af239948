"""`python -m infra.publish`: append changed records to `schemas/published/` if FULL_TRANSITIVE."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from schemas.record import Record, avro_schema
from schemas.topics import TOPICS

FOLDER = Path(__file__).parent.parent / "schemas" / "published"


def records() -> list[type[Record]]:
    """Every record of every topic, once, in the order of the topics."""
    return list(dict.fromkeys(record for topic in TOPICS for record in topic.records))


def incompatibilities(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Why `new` cannot read `old` or `old` cannot read `new`; empty: both can."""
    parsed_old, parsed_new = (avro.schema.parse(json.dumps(schema)) for schema in (old, new))
    found = []
    for label, reader, writer in (
        ("new reads old", parsed_new, parsed_old),
        ("old reads new", parsed_old, parsed_new),
    ):
        result = ReaderWriterCompatibilityChecker().get_compatibility(reader=reader, writer=writer)
        if result.compatibility is not SchemaCompatibilityType.compatible:
            found += [f"{label}: {message}" for message in result.messages]
    return found


def changes(folder: Path = FOLDER) -> list[tuple[str, dict[str, Any], list[str]]]:
    """(name.vN, schema, incompatibilities with any earlier version) of each record that changed."""
    file = folder / "ids.json"
    names: list[str] = json.loads(file.read_text()) if file.exists() else []
    found = []
    for record in records():
        schema = json.loads(json.dumps(avro_schema(record)))
        versions = [name for name in names if name.partition(".v")[0] == record.__name__]
        olds = [json.loads((folder / f"{name}.avsc").read_text()) for name in versions]
        if not olds or olds[-1] != schema:
            problems = [
                f"{n}: {p}"
                for n, old in zip(versions, olds, strict=True)
                for p in incompatibilities(old, schema)
            ]
            found.append((f"{record.__name__}.v{len(olds) + 1}", schema, problems))
    return found


def chain(folder: Path = FOLDER) -> list[str]:
    """For each id a digest of all that was published up to it: a schema that was changed afterwards, or ids
    in another order, make others from there on.
    """
    found: list[str] = []
    for name in json.loads((folder / "ids.json").read_text()):
        schema = json.loads((folder / f"{name}.avsc").read_text())
        said = [found[-1] if found else "", name, schema]
        found.append(hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest())
    return found


def rewritten(folder: Path = FOLDER) -> str | None:
    """The first published schema that is not as it was, if one is: logs that hold it would be misread."""
    kept = json.loads((folder / "chain.json").read_text())
    names = json.loads((folder / "ids.json").read_text())
    now = chain(folder)
    for number, digest in enumerate(kept):
        if number >= len(now) or now[number] != digest:
            return str(names[number]) if number < len(names) else "an id at the end"
    return None


def main() -> int:
    """Publish what changed. Exit code 1, reasons, and nothing written, where a reader would break."""
    if changed := rewritten():
        print(
            f"Not published: {changed} is not as it was when it was published; restore it.", file=sys.stderr
        )
        return 1
    found = changes()
    problems = [f"{name}: {problem}" for name, _, reasons in found for problem in reasons]
    if problems:
        print("\n".join(["Not published, an old or a new reader would break:", *problems]), file=sys.stderr)
        return 1
    file = FOLDER / "ids.json"
    names = json.loads(file.read_text())
    for name, schema, _ in found:
        (FOLDER / f"{name}.avsc").write_text(json.dumps(schema, indent=2) + "\n")
        print(f"published {name}")
    file.write_text(json.dumps(names + [name for name, _, _ in found], indent=0) + "\n")
    (FOLDER / "chain.json").write_text(json.dumps(chain(), indent=0) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
