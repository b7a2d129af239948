from __future__ import annotations

import pytest

from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.externals import MAX_TABLES, tables
from tests.fixtures_warehouse import Warehouse
from tests.infra.engines.warehouse.test_bodies import post


@pytest.mark.parametrize(
    "structure",
    [
        "a Int8) ENGINE = File(CSV",
        "a Int8; DROP TABLE x",
        "a String DEFAULT file('/etc/passwd')",
        "a UInt64 DEFAULT 1",
    ],
)
def test_a_structure_is_only_a_structure(warehouse: Warehouse, structure: str) -> None:
    if not warehouse.embedded:
        pytest.skip("a server parses it itself")
    answer = post(warehouse, {"t": ("t", b""), "query": "SELECT * FROM t", "t_structure": structure})
    assert answer.status in (400, 403), answer.data


def test_a_structure_holds_nobody_up(warehouse: Warehouse) -> None:
    if not warehouse.embedded:
        pytest.skip("a server has threads of its own for it")
    long = "a" + " ()" * 500_000
    answer = post(warehouse, {"t": ("t", b""), "query": "SELECT 1", "t_structure": long})
    assert (answer.status, b"is too long" in answer.data) == (400, True)


def test_a_request_brings_few_tables() -> None:
    said = {f"t{number}_types": "UInt8" for number in range(MAX_TABLES + 1)}
    assert len(tables({f"t{number}": b"" for number in range(MAX_TABLES)}, said)) == MAX_TABLES
    with pytest.raises(ClickHouseError, match="More than"):
        tables({f"t{number}": b"" for number in range(MAX_TABLES + 1)}, said)


def test_types_are_a_structure_without_names() -> None:
    made = tables({"t": b"1"}, {"t_types": "UInt8,String", "t_format": "CSV"})[0]
    assert (made.structure, made.fmt) == ("_1 UInt8, _2 String", "CSV")
