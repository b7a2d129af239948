"""What the dashboard asks the warehouse: views only, as `reader`, every value a parameter."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import clickhouse_connect

from infra.runtime import metrics
from infra.runtime.clickhouse import access
from infra.runtime.settings import Settings

Row = dict[str, Any]

HOTELS = "SELECT property_id, name, time_zone FROM v_properties ORDER BY name, property_id"
# Of the viewer's own token, by each of its names.
REVOKED = """SELECT count() AS n FROM v_revocations WHERE property_id IN ({hotel:String}, '*')
    AND before > fromUnixTimestamp64Milli({issued_at:Int64}) AND ((kind = 'token' AND id = {token:String})
    OR (kind = 'user' AND id = {user:String}) OR (kind = 'property' AND id = {hotel:String}))"""
FRESH = "SELECT topic, complete_until FROM v_freshness WHERE partition = {partition:UInt16}"
HOUSE = "SELECT * FROM v_occupancy_live WHERE property_id = {hotel:String}"
AGES = """SELECT age_bucket, count() AS n FROM v_service_queue WHERE property_id = {hotel:String}
    GROUP BY age_bucket"""
QUEUE = """SELECT status, room_id, item, department, priority, age_minutes, minutes_to_breach
    FROM v_service_queue WHERE property_id = {hotel:String}
    ORDER BY minutes_to_breach NULLS LAST, age_minutes DESC LIMIT 200"""
STAFF = """SELECT staff_id, department, on_break, assigned, accepted, completed, response_minutes
    FROM v_staff_performance WHERE property_id = {hotel:String} AND on_shift ORDER BY department, staff_id"""
REVENUE = """SELECT business_date, currency, room_revenue, other_revenue, room_nights, complimentary_nights
    FROM v_revenue_live WHERE property_id = {hotel:String} ORDER BY business_date DESC LIMIT 30"""
ALERTS = """SELECT status, kind, room_id, location, drill, raised_at FROM v_alerts
    WHERE property_id = {hotel:String} AND status != 'resolved' ORDER BY raised_at DESC LIMIT 50"""
# What stands: the last word of each watchdog on each part, unless it says that it is over.
SYSTEM = """SELECT max(said.at) AS at, kind, part, argMax(said.sentence, said.at) AS sentence
    FROM v_system_alerts AS said
    WHERE property_id IN ({hotel:String}, '*') AND said.at > now() - INTERVAL 1 DAY
    GROUP BY property_id, kind, part HAVING NOT argMax(said.over, said.at) ORDER BY at DESC LIMIT 20"""


class Warehouse:
    """A reader's connection. Its methods raise clickhouse_connect's ClickHouseError."""

    def __init__(self, settings: Settings) -> None:
        self._client: Any = clickhouse_connect.get_client(
            **access(settings, reader=True), connect_timeout=3, send_receive_timeout=10
        )

    def rows(self, query: str, **parameters: Any) -> list[Row]:
        """The rows as dicts; times are aware, UTC."""
        began, outcome = time.perf_counter(), "error"
        try:
            found = list(self._client.query(query, parameters=parameters).named_results())
            outcome = "ok"
        finally:
            metrics.DASHBOARD_QUERY_SECONDS.labels(outcome).observe(time.perf_counter() - began)
        return [{name: _aware(value) for name, value in row.items()} for row in found]


def _aware(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
