"""The published document is the code's; the clients of these tests hold every frame to it."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.asyncapi import SERVER, document
from gateway.payloads import EVENT_TYPES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_document_is_the_codes() -> None:
    found = json.loads((REFERENCE / "asyncapi.json").read_text())
    assert found == json.loads(json.dumps(document())), (
        "run: python -m gateway.asyncapi > docs/reference/asyncapi.json"
    )


def test_the_page_names_every_frame_and_event() -> None:
    page = (REFERENCE / "protocol.md").read_text()
    assert [name for name in (*SERVER, *EVENT_TYPES) if f"`{name}" not in page] == []
