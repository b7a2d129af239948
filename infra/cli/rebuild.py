"""`concierge rebuild`: tables from the log anew, while the product goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.cli.engines import reached
from infra.cli.output import Json, last_line
from infra.runtime import settings
from infra.runtime.problems import Problem
from streams.sinks import requests
from streams.sinks.requests import Request
from streams.sinks.rows import COLUMNS
from streams.sinks.warehouse import connect

LOOK_SECONDS = 0.5
# A supervisor starts a sink that died often again after up to 30 s, and it needs some seconds more.
PATIENCE_SECONDS = 60.0


def rebuild(
    table: Annotated[str, typer.Argument(help="The table, or all.")],
    json: Json = False,
) -> None:
    """Make a table, or all, anew from the log while the product goes on: readers see the old rows until the
    new ones are whole. What the log has no more is kept. Example: concierge rebuild charges"""
    if table != "all" and table not in COLUMNS:
        raise Problem(f"There is no table {table!r}: take all, or one of {', '.join(sorted(COLUMNS))}.")
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # the sentence says it, once
    loaded, began = settings.load(), time.monotonic()
    tables = sorted(COLUMNS) if table == "all" else [table]
    with reached(loaded):
        client = connect(loaded)
        try:
            asked = requests.ask(client, tables, range(loaded.partitions))
            found = _followed(client, asked)
        finally:
            client.close()
    report = summed(found) | {"seconds": round(time.monotonic() - began, 2)}
    for one in found:
        if one.state == "failed":
            typer.echo(f"partition {one.partition}: {one.note}", err=True)
    typer.echo(
        f"{report['state']}: {len(tables)} tables, {report['rows']:,} rows from {report['records']:,} records"
        f" ({report['left_out']:,} make none) in {report['seconds']} s"
    )
    if json:
        last_line(report)
    if report["state"] == "failed":
        raise typer.Exit(1)


def _followed(client: Any, asked: str) -> list[Request]:
    """Shows how far it is until all is done or failed. Problem where nobody does anything."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task("waiting for a sink", total=None)
        last, since = list[Request](), time.monotonic()
        while True:
            found = requests.of(client, asked)
            if found != last:
                last, since = found, time.monotonic()
            left = waiting(found)
            if not left:
                return found
            ready = len(found) - len(left)
            of = sum(one.of for one in found) or None
            done = sum(one.records for one in found)
            bar.update(task, description=f"{ready}/{len(found)} partitions", completed=done, total=of)
            if time.monotonic() - since > PATIENCE_SECONDS:
                raise Problem(nobody(left))
            time.sleep(LOOK_SECONDS)


def waiting(found: Sequence[Request]) -> list[int]:
    """Partitions that are neither done nor failed."""
    return [one.partition for one in found if one.state in ("asked", "running")]


def nobody(partitions: Sequence[int]) -> str:
    """What to do where no sink takes up these partitions."""
    return (
        f"No sink makes partitions {', '.join(map(str, partitions))} anew: start one (`concierge up`, or "
        "`concierge run sink`), or see what its /readyz says. The request stays: a sink that comes does it."
    )


def summed(found: Sequence[Request]) -> dict[str, Any]:
    """All partitions together; `state` is failed if one is."""
    return {
        "id": found[0].id,
        "state": "failed" if any(one.state == "failed" for one in found) else "done",
        "tables": list(found[0].tables),
        "partitions": len(found),
        "records": sum(one.records for one in found),
        "rows": sum(one.rows for one in found),
        "left_out": sum(one.left_out for one in found),
    }
