"""`concierge verify`: tables and live values against the log."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.cli.engines import reached
from infra.cli.output import Json, last_line
from infra.oracle import verify as oracle
from infra.runtime import settings
from infra.runtime.problems import Problem


def verify(
    property_id: Annotated[str, typer.Option("--property", help="Only this hotel.")] = "",
    json: Json = False,
) -> None:
    """Fold the whole log in plain Python and compare every table and every live value with it, while the
    product goes on; exit code 1 if anything differs. Example: concierge verify --property harbour"""
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # the sentence says it, once
    loaded = settings.load()
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description:22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def show(topic: str, done: int, of: int) -> None:
            bar.update(task, description=topic, completed=done, total=of)

        with reached(loaded):
            report = asyncio.run(oracle.verify(loaded, property_id, show))
    if property_id and not report.rows and not report.values:
        raise Problem(
            f"The log knows no hotel {property_id!r}: `concierge tail settings --no-follow` lists hotels."
        )
    for name, table in report.tables.items():
        differs = table["lacks"] or table["surplus"]
        wrong = f"  lacks {table['lacks']:,}, {table['surplus']:,} too many" if differs else ""
        twice = f"  {table['unmerged']:,} there twice, not merged yet" if table["unmerged"] else ""
        typer.echo(f"{name:22} {table['rows']:>12,} rows  {table['hash']}{wrong}{twice}")
    for difference in report.differences:
        typer.echo(difference, err=True)
    if report.more:
        typer.echo(f"... and {report.more:,} more", err=True)
    said = "equal" if report.equal else "DIFFERENT"
    typer.echo(
        f"{said}: {report.records:,} records, {report.answers:,} answers, {report.rows:,} rows and "
        f"{report.values:,} live values, {report.entities:,} entities in {report.seconds:.1f} s; "
        f"{report.behind:,} records not written yet, {report.owed:,} inputs not answered yet"
    )
    if json:
        last_line(report.json())
    if not report.equal:
        raise typer.Exit(1)
