"""A request's parameters taken apart, as ClickHouse's HTTP interface names them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.engines.warehouse.errors import ClickHouseError, bad_argument, printable

MAX_SESSION_SECONDS = 3600
_SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,127}")
_BOOLEAN = {"1": True, "true": True, "0": False, "false": False}

# Not settings of the engine, but of the HTTP interface; some mean nothing here and are taken silently.
_OURS = frozenset(
    [
        "query",
        "user",
        "password",
        "database",
        "default_format",
        "query_id",
        "quota_key",
        "session_id",
        "session_timeout",
        "session_check",
        "compress",
        "decompress",
        "wait_end_of_query",
        "buffer_size",
        "role",
        "stacktrace",
        "client_protocol_version",
        "enable_http_compression",
        "http_zlib_compression_level",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "cancel_http_readonly_queries_on_client_close",
        "add_http_cors_header",
        "http_wait_end_of_query",
        "http_response_buffer_size",
        "log_comment",
        "readonly",
    ]
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request wants beside SQL: `settings` for the engine, `params` for `{name:Type}`."""

    query: str
    query_id: str
    database: str
    default_format: str
    session_id: str
    session_seconds: int
    session_check: bool
    read_only: bool
    compress: bool
    decompress: bool
    encode: bool
    wait_end: bool
    settings: Mapping[str, str]
    params: Mapping[str, str]


def parse(
    items: Iterable[tuple[str, str]], headers: Mapping[str, str], method: str, tables: Iterable[str] = ()
) -> Ask:
    """The request's parameters; `tables` are the names of external tables. Raises ClickHouseError."""
    said = dict(items)
    about_tables = {f"{table}_{what}" for table in tables for what in ("structure", "types", "format")}
    params = {key[6:]: value for key, value in said.items() if key.startswith("param_")}
    settings = {
        key: value
        for key, value in said.items()
        if key not in _OURS and key not in about_tables and not key.startswith("param_")
    }
    for key in (*settings, *params):
        if not _SETTING.fullmatch(key):
            raise bad_argument(f"Not a name of a setting or parameter: {key[:100]!r}.")
    return Ask(
        query=said.get("query", ""),
        query_id=said.get("query_id") or str(uuid.uuid4()),
        database=said.get("database") or printable(headers.get("X-ClickHouse-Database", "")),
        default_format=said.get("default_format") or printable(headers.get("X-ClickHouse-Format", "")),
        session_id=said.get("session_id", ""),
        session_seconds=_session_seconds(said.get("session_timeout", "60")),
        session_check=_boolean(said, "session_check"),
        read_only=method in ("GET", "HEAD") or said.get("readonly", "0") != "0",
        compress=_boolean(said, "compress"),
        decompress=_boolean(said, "decompress"),
        encode=said.get("enable_http_compression", "0") == "1",
        wait_end=_boolean(said, "wait_end_of_query") or _boolean(said, "http_wait_end_of_query"),
        settings=settings,
        params=params,
    )


def _boolean(said: Mapping[str, str], key: str) -> bool:
    value = said.get(key, "0").lower()
    if value not in _BOOLEAN:
        raise bad_argument(f"{key} must be 0 or 1, not {value[:40]!r}.")
    return _BOOLEAN[value]


def _session_seconds(value: str) -> int:
    if not value.isdecimal() or len(value) > 9 or int(value) > MAX_SESSION_SECONDS:
        raise ClickHouseError(
            374, "INVALID_SESSION_TIMEOUT", f"session_timeout must be 0 to {MAX_SESSION_SECONDS} seconds."
        )
    return int(value)
