"""The import of a bookings file, to the last row in the tables, beside a bare producer of the same bytes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.bench import raw
from infra.bench.result import Result
from infra.bench.stack import Stack
from infra.importer import run as importer
from infra.importer.batches import batches
from infra.importer.spool import Spool

PROPERTY = "bench"
ROOMS = 226
ZONE = ZoneInfo("Europe/Lisbon")


async def run(home: Path, file: Path) -> Result:
    """In `home`, an empty folder, on a stack of its own."""
    stack = Stack(home)
    stack.start()
    try:
        await asyncio.to_thread(stack.wait)
        order = importer.Order(file, PROPERTY, ROOMS, ZONE)
        summary = await importer.run(stack.settings, order, lambda step, done, of: None, lambda row: None)
        values = await asyncio.to_thread(_bytes, order)
        bare = await raw.produce(stack.settings, values)
    finally:
        await asyncio.to_thread(stack.stop)
    figures = {
        "seconds": summary.seconds,
        "rows": float(summary.rows),
        "bad_rows": float(summary.bad_rows),
        "facts": float(summary.facts),
        "facts_per_second": round(summary.facts / summary.seconds),
        "megabytes": round(sum(map(len, values)) / 1e6, 1),
    }
    per_second = round(summary.facts / bare)
    return Result("import", figures, {"seconds": round(bare, 2), "facts_per_second": per_second})


def _bytes(order: importer.Order) -> list[bytes]:
    with Spool() as spool:
        importer.fill(spool, order, lambda step, done, of: None, lambda row: None)
        return [value for _, value in batches(spool.news(), PROPERTY, importer.ACTOR)]
