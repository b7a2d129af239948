from __future__ import annotations

from infra.engines.warehouse.formats import STREAMABLE, content_type


def test_what_has_a_header_or_a_footer_is_not_cut() -> None:
    assert STREAMABLE.isdisjoint(
        {"JSON", "Parquet", "Arrow", "ArrowStream", "CSVWithNames", "Pretty", "XML", "ORC"}
    )


def test_content_types() -> None:
    assert content_type("TSVWithNames").startswith("text/tab-separated-values")
    assert content_type("JSON").startswith("application/json")
    assert content_type("Pretty").startswith("text/plain")
