from __future__ import annotations

from infra.engines.warehouse.formats import content_type


def test_content_types() -> None:
    assert content_type("TSVWithNames").startswith("text/tab-separated-values")
    assert content_type("JSON").startswith("application/json")
    assert content_type("Pretty").startswith("text/plain")
