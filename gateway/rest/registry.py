"""A read-only schema registry as Confluent's clients know it: /schemas/ids, /subjects, /config.

Open to everyone on the network: schemas are published in the repository. Errors are Confluent's own shape.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Response

from schemas.registry import Published, by_id, published

router = APIRouter(tags=["schema registry"])
MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
# Confluent's own shape of an error.
_WRONG = {
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["error_code", "message"],
                "properties": {"error_code": {"type": "integer"}, "message": {"type": "string"}},
            }
        }
    }
}
_TOLD: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"description": "Found.", "content": {MEDIA_TYPE: {"schema": {}}}},
        404: {"description": "No such schema, subject or version."} | _WRONG,
        422: {"description": "Not a version."} | _WRONG,
    },
}
SUBJECT_UNKNOWN, VERSION_UNKNOWN, SCHEMA_UNKNOWN, VERSION_BAD = 40401, 40402, 40403, 42202


def _give(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status_code=status, media_type=MEDIA_TYPE)


def _no(code: int, message: str) -> Response:
    return _give({"error_code": code, "message": message}, code // 100)


@router.get("/schemas/ids/{schema_id}", **_TOLD)
async def schema(schema_id: str) -> Response:
    """A schema by its id, as text."""
    found = by_id().get(int(schema_id)) if schema_id.isdecimal() and len(schema_id) < 10 else None
    if found is None:
        return _no(SCHEMA_UNKNOWN, f"Schema {schema_id[:20]} not found")
    return _give({"schema": json.dumps(found.schema)})


@router.get("/schemas/ids/{schema_id}/versions", **_TOLD)
async def places(schema_id: str) -> Response:
    """The subject and version of a schema."""
    found = by_id().get(int(schema_id)) if schema_id.isdecimal() and len(schema_id) < 10 else None
    if found is None:
        return _no(SCHEMA_UNKNOWN, f"Schema {schema_id[:20]} not found")
    return _give([{"subject": found.subject, "version": found.version}])


@router.get("/subjects", **_TOLD)
async def subjects() -> Response:
    """Every subject: the full names of the records (RecordNameStrategy)."""
    return _give(sorted({entry.subject for entry in published()}))


@router.get("/subjects/{subject}/versions", **_TOLD)
async def versions(subject: str) -> Response:
    """The versions of a subject."""
    known = _of(subject)
    if not known:
        return _no(SUBJECT_UNKNOWN, f"Subject '{subject[:100]}' not found.")
    return _give(sorted(known))


@router.get("/subjects/{subject}/versions/{version}", **_TOLD)
async def version_of(subject: str, version: str) -> Response:
    """One version of a subject, or its latest."""
    known = _of(subject)
    if not known:
        return _no(SUBJECT_UNKNOWN, f"Subject '{subject[:100]}' not found.")
    if version in ("latest", "-1"):
        number = max(known)
    elif version.isdecimal() and 0 < len(version) < 10 and int(version) > 0:
        number = int(version)
    else:
        return _no(VERSION_BAD, f"The specified version '{version[:20]}' is not a valid version id.")
    found = known.get(number)
    if found is None:
        return _no(VERSION_UNKNOWN, f"Version {number} not found.")
    said = {
        "subject": found.subject,
        "version": found.version,
        "id": found.id,
        "schema": json.dumps(found.schema),
    }
    return _give(said)


@router.get("/config", **_TOLD)
async def config() -> Response:
    """The compatibility every published change keeps."""
    return _give({"compatibilityLevel": "FULL_TRANSITIVE"})


def _of(subject: str) -> dict[int, Published]:
    return {entry.version: entry for entry in published() if entry.subject == subject}
