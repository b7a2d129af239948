"""`concierge topics`: what there is, and whether it is as `schemas/topics.py` says."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from infra.cli.output import Json, last_line
from infra.runtime import settings
from infra.runtime.kafka import unreachable
from infra.runtime.problems import Problem


def topics(
    what: Annotated[str, typer.Argument(help="list or check.")] = "list",
    json: Json = False,
) -> None:
    """List the topics, or compare them with the broker's. Example: concierge topics check"""
    if what == "list":
        _list(json)
    elif what == "check":
        _check(json)
    else:
        raise Problem(f"`concierge topics {what}` is not known: use list or check.")


def _list(json: bool) -> None:
    from schemas.topics import TOPICS

    if json:
        last_line({"topics": [{"name": topic.name, "config": topic.config()} for topic in TOPICS]})
        return
    for topic in TOPICS:
        typer.echo(f"{topic.name:22} {', '.join(record.__name__ for record in topic.records)}")


def _check(json: bool) -> None:
    from aiokafka.errors import KafkaError

    from infra import topics as broker

    loaded = settings.load()
    try:
        found = asyncio.run(broker.check(loaded))
    except (KafkaError, OSError) as error:  # OSError: a certificate that can't be read
        raise unreachable(loaded, error) from error
    for difference in found:
        typer.echo(difference.advice)
    if not found:
        typer.echo("All topics are as they should be.")
    if json:
        last_line({"differences": [difference.advice for difference in found]})
    if found:
        raise typer.Exit(1)
