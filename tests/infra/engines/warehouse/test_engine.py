from __future__ import annotations

import pytest

from infra.engines.warehouse.engine import name, quote
from infra.engines.warehouse.errors import ClickHouseError
from tests.infra.engines.warehouse.conftest import Ask


@pytest.mark.parametrize("text", ["plain", "it's", "back\\slash", "\\'", "`tick`", 'é"'])
def test_quoting_is_what_the_engine_reads(ask: Ask, text: str) -> None:
    assert ask(f"SELECT {quote(text)} AS {name(text)} FORMAT TSVRaw").data.decode() == f"{text}\n"


def test_a_name_is_not_empty() -> None:
    with pytest.raises(ClickHouseError):
        name("")
