"""`concierge migrate`: brings the warehouse's tables up to date, or says how they stand."""

from __future__ import annotations

import json as jsonlib
import logging
from typing import Annotated

import typer

from infra.migrations import runner
from infra.runtime import settings


def migrate(
    status: Annotated[
        bool, typer.Option("--status", help="Only show what is applied and what is not.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Apply the warehouse's migrations. Example: concierge migrate --status"""
    loaded = settings.load()
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # the sentence says it, once
    applied = () if status else runner.migrate(loaded)
    rows = runner.status(loaded)
    for row in rows:
        when = f"{row.applied_at:%Y-%m-%d %H:%M:%S}" if row.applied_at else "-"
        typer.echo(f"{row.state:8} {when:19} {row.name}")
    if json:
        typer.echo(
            jsonlib.dumps(
                {
                    "applied_now": list(applied),
                    "migrations": [
                        {
                            "number": row.number,
                            "name": row.name,
                            "state": row.state,
                            "applied_at": row.applied_at.isoformat() if row.applied_at else None,
                        }
                        for row in rows
                    ],
                }
            )
        )
    if any(row.state != "applied" for row in rows):
        raise typer.Exit(1)
