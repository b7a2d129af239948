"""What the dashboard asks the warehouse, as `reader`, every value a parameter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect

from infra.runtime.settings import Settings

Row = dict[str, Any]

HOTELS = (
    "SELECT property_id, argMax(name, _offset) AS name FROM property_settings GROUP BY property_id ORDER BY 1"
)
LIVE_TOPICS = ("rooms", "services", "alerts", "occupancy.state", "service_load.state", "revenue.state")
# The oldest of what the tiles show says how current all of it is.
AS_OF = """SELECT min(at) AS as_of FROM (
    SELECT topic, argMax(complete_until, next_offset) AS at FROM progress
    WHERE topic IN {topics:Array(String)} AND _partition = {partition:UInt16} GROUP BY topic)"""
OCCUPANCY = """SELECT * FROM occupancy_snapshots WHERE property_id = {hotel:String}
    ORDER BY _offset DESC LIMIT 1"""
QUEUES = """SELECT department, open, assigned, accepted, started, completed, breached_open, oldest_open_at,
    credits_open FROM service_load_snapshots WHERE property_id = {hotel:String}
    ORDER BY _offset DESC LIMIT 1 BY department"""
STAFF = """SELECT staff_id, department, on_shift, on_break, assigned, accepted, completed, response_ms
    FROM performance_snapshots WHERE property_id = {hotel:String} ORDER BY _offset DESC LIMIT 1 BY staff_id"""
REVENUE = """SELECT business_date, currency, room_revenue, other_revenue, room_nights, complimentary_nights
    FROM revenue_snapshots WHERE property_id = {hotel:String}
    ORDER BY business_date DESC, _offset DESC LIMIT 1 BY business_date LIMIT 30"""
REQUESTS = """SELECT request_id, argMaxIf(item, _offset, item != '') AS what,
    argMaxIf(department, _offset, department != '') AS who, argMaxIf(room_id, _offset, room_id != '') AS room,
    argMax(kind, (_offset, _fact)) AS last, minIf(occurred_at, kind = 'requested') AS asked_at,
    maxIf(resolve_by, kind = 'requested') AS due
    FROM service_facts WHERE property_id = {hotel:String} AND kind NOT IN ('rated', 'breached')
    GROUP BY request_id HAVING last NOT IN ('completed', 'cancelled') ORDER BY due LIMIT 200"""
ALERTS = """SELECT alert_id, argMax(kind, (_offset, _fact)) AS last, any(emergency_kind) AS what,
    argMaxIf(location, _offset, location != '') AS place, min(occurred_at) AS raised_at, max(drill) AS drill
    FROM alert_facts WHERE property_id = {hotel:String} AND kind != 'announced'
    GROUP BY alert_id HAVING last != 'emergency_resolved' ORDER BY raised_at DESC LIMIT 50"""
SYSTEM = """SELECT at, kind, part, sentence FROM system_alerts
    WHERE property_id IN ({hotel:String}, '*') AND at > now() - INTERVAL 1 HOUR ORDER BY at DESC LIMIT 20"""


class Warehouse:
    """A reader's connection. Its methods raise clickhouse_connect's ClickHouseError."""

    def __init__(self, settings: Settings) -> None:
        address = urlsplit(settings.clickhouse_address)
        self._client: Any = clickhouse_connect.get_client(
            interface=address.scheme,
            host=address.hostname,
            port=address.port or (8443 if address.scheme == "https" else 8123),
            username=settings.clickhouse_reader,
            password=settings.clickhouse_reader_password.get_secret_value(),
            database=settings.clickhouse_database,
            # One client serves every viewer's session; a server session would make them wait for each other.
            autogenerate_session_id=False,
            connect_timeout=3,
            send_receive_timeout=10,
        )

    def rows(self, query: str, **parameters: Any) -> list[Row]:
        """The rows as dicts; times are aware, UTC."""
        return [
            {name: _aware(value) for name, value in row.items()}
            for row in self._client.query(query, parameters=parameters).named_results()
        ]


def _aware(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
