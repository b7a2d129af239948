from __future__ import annotations

import base64

import pytest

from infra.engines.warehouse.accounts import Account, Accounts
from infra.engines.warehouse.errors import ClickHouseError

ACCOUNTS = Accounts((Account.of("reader", "pä:ss", "reader"),))


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_three_ways_in() -> None:
    for headers, params in (
        (basic("reader:pä:ss"), {}),
        ({"X-ClickHouse-User": "reader", "X-ClickHouse-Key": "pä:ss"}, {}),
        ({}, {"user": "reader", "password": "pä:ss"}),
    ):
        assert ACCOUNTS.authenticate(headers, params).user == "reader"


@pytest.mark.parametrize(
    ("headers", "params", "code"),
    [
        ({}, {}, 194),
        (basic("reader:no"), {}, 516),
        (basic("nobody:-"), {}, 516),
        ({"X-ClickHouse-User": "reader", "X-ClickHouse-Key": "\udcff"}, {}, 516),
        ({"X-ClickHouse-User": "\udcff", "X-ClickHouse-Key": "-"}, {}, 516),
        ({"Authorization": "Basic \udcff\udcff"}, {}, 516),
        ({"Authorization": "Basic ???"}, {}, 516),
        ({"X-ClickHouse-User": "reader"}, {"user": "reader", "password": "pä:ss"}, 516),
    ],
)
def test_nobody_else(headers: dict[str, str], params: dict[str, str], code: int) -> None:
    with pytest.raises(ClickHouseError) as refused:
        ACCOUNTS.authenticate(headers, params)
    assert refused.value.code == code
    assert refused.value.report("1").encode()
