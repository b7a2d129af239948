"""What the docs say of REST is what the code does."""

from __future__ import annotations

from gateway.openapi import FOLDER, document, page, text

AGAIN = "differs from the code: run `python -m gateway.openapi`"


def test_the_published_document_equals_the_code() -> None:
    assert (FOLDER / "openapi.json").read_text() == text(document()), AGAIN


def test_the_page_equals_the_code() -> None:
    assert (FOLDER / "rest.md").read_text() == page(document()), AGAIN
