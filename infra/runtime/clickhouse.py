"""How to reach the warehouse: what every clickhouse-connect client of ours is made with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from infra.runtime.settings import Settings


def access(settings: Settings, *, reader: bool = False) -> dict[str, Any]:
    """Arguments of `clickhouse_connect.get_client`, as `writer` unless `reader`.

    Without sessions: in one, a second query at the same time is refused.
    """
    address = urlsplit(settings.clickhouse_address)
    user, password = settings.clickhouse_writer, settings.clickhouse_writer_password
    if reader:
        user, password = settings.clickhouse_reader, settings.clickhouse_reader_password
    return {
        "interface": address.scheme,
        "host": address.hostname,
        "port": address.port or (8443 if address.scheme == "https" else 8123),
        "username": user,
        "password": password.get_secret_value(),
        "database": settings.clickhouse_database,
        "autogenerate_session_id": False,
    }
