"""Who goes where to the warehouse."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from infra.runtime.clickhouse import access
from infra.runtime.settings import Settings

PASSWORDS = {
    "clickhouse_writer_password": SecretStr("writes"),
    "clickhouse_reader_password": SecretStr("reads"),
}


@pytest.mark.parametrize(
    ("url", "interface", "host", "port"),
    [
        ("", "http", "127.0.0.1", 18123),
        ("http://tables", "http", "tables", 8123),
        ("https://tables.example", "https", "tables.example", 8443),
        ("https://tables.example:9443", "https", "tables.example", 9443),
    ],
)
def test_the_address_says_where_and_how(url: str, interface: str, host: str, port: int) -> None:
    found = access(Settings(clickhouse_url=url, warehouse_port=18123, **PASSWORDS))
    assert (found["interface"], found["host"], found["port"]) == (interface, host, port)
    assert (found["database"], found["autogenerate_session_id"]) == ("concierge", False)


def test_each_comes_with_their_own_password() -> None:
    settings = Settings(**PASSWORDS)
    writer, reader = access(settings), access(settings, reader=True)
    assert (writer["username"], writer["password"]) == ("writer", "writes")
    assert (reader["username"], reader["password"]) == ("reader", "reads")
