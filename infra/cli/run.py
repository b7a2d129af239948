"""`concierge run PART`: one part in this process, for a process manager or the compose file."""

from __future__ import annotations

from typing import Annotated

import typer

from infra import part as parts


def run(
    part: Annotated[str, typer.Argument(help=f"One of {', '.join(parts.PARTS)}.")],
    agents: Annotated[str, typer.Option(help="Worker: its agents, separated by commas.")] = "",
    index: Annotated[int, typer.Option(min=0, help="Gateway: its number, from 0.")] = 0,
) -> None:
    """Run one part in this process. Example: concierge run worker --agents rooms,services"""
    parts.run(part, agents, index)
