"""`concierge import`: files of other systems, through the same intake as everybody else."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.cli.output import Json, last_line
from infra.importer import run as importer
from infra.importer.reading import Bad
from infra.runtime import settings
from infra.runtime.problems import Problem

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Import files of other systems. "
    "Example: concierge import bookings city.csv.gz --property city --rooms 226 --time-zone Europe/Lisbon",
)
# Further bad rows are in the dead letters; a screen full of them helps nobody.
SHOWN = 20


@app.callback()
def files() -> None:
    """Import files of other systems."""


@app.command()
def bookings(
    file: Annotated[Path, typer.Argument(help="CSV in the hotel-booking-demand layout, plain or gzipped.")],
    property_id: Annotated[str, typer.Option("--property", help="The hotel's id.")],
    rooms: Annotated[int, typer.Option(min=1, max=100_000, help="Rooms of its inventory.")],
    time_zone: Annotated[str, typer.Option(help="Its IANA time zone, as Europe/Lisbon.")],
    json: Json = False,
) -> None:
    """Import bookings; again, nothing new. Example:
    concierge import bookings city.csv.gz --property city --rooms 226 --time-zone Europe/Lisbon"""
    order = importer.Order(file, _property(property_id), rooms, _zone(time_zone))
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # the sentence says it, once
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown: list[Bad] = []

    def bad(row: Bad) -> None:
        if len(shown) < SHOWN:
            shown.append(row)

    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        tasks = {step: bar.add_task(step, total=None) for step in ("reading", "sending", "landing")}

        def show(step: str, done: int, of: int) -> None:
            bar.update(tasks[step], completed=done, total=of)

        summary = asyncio.run(importer.run(settings.load(), order, show, bad))
    for row in shown:
        typer.echo(f"line {row.line}: {row.reason}", err=True)
    if summary.bad_rows > len(shown):
        typer.echo(f"... and {summary.bad_rows - len(shown)} more; all are in v_dead_letters.", err=True)
    if summary.hotel_changed:
        typer.echo(f"Hotel {property_id} now has {rooms} rooms in {order.zone.key}.", err=True)
    typer.echo(
        f"{summary.rows:,} rows of {file.name}, {summary.bad_rows} bad; {summary.facts:,} facts, "
        f"{summary.facts_new:,} of them new, all in the tables after {summary.seconds:.1f} s"
    )
    if json:
        last_line(summary.json())


def _property(property_id: str) -> str:
    if not property_id or len(property_id) > 200 or property_id == "*" or "/" in property_id:
        raise Problem(f"--property {property_id!r} is no hotel's id: use 1 to 200 characters, no '/' or '*'.")
    return property_id


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Problem(f"--time-zone {name!r} is no IANA time zone: use one as Europe/Lisbon.") from error
