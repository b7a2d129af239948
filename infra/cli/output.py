"""What commands print: text for people, and with --json one object as the last line."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


def last_line(found: dict[str, Any]) -> None:
    """Prints one JSON object on one line."""
    typer.echo(json.dumps(found, default=str))
