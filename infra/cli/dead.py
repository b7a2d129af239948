"""`concierge dead`: what could not be read, why, and what is to become of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from infra.cli.engines import reached
from infra.cli.output import Json, last_line
from infra.letters import describing
from infra.letters.reading import SHORT, Wanted, read
from infra.letters.replaying import Replayer
from infra.runtime import kafka, settings
from infra.runtime.problems import Problem
from schemas.records.operations import DeadLetter
from streams.sinks.warehouse import Warehouse

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="What could not be read, why, and what is to become of it. Example: concierge dead list",
)
Ids = Annotated[list[str] | None, typer.Argument(help="Ids of letters, or their beginnings.")]
Property = Annotated[str, typer.Option("--property", help="Only this hotel's.")]
Topic = Annotated[str, typer.Option(help="Only those that lay on this topic.")]
FoundBy = Annotated[str, typer.Option(help="Only those that this one found: sink, rooms, import ...")]


@app.command("list")
def list_(
    property_id: Property = "",
    topic: Topic = "",
    found_by: FoundBy = "",
    closed: Annotated[bool, typer.Option(help="Also those that were replayed or dropped.")] = False,
    json: Json = False,
) -> None:
    """List open letters, oldest first. Example: concierge dead list --found-by sink"""
    found = _read(Wanted((), property_id, topic, found_by, closed))
    for letter in found:
        at = datetime.fromtimestamp(letter.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        where = f"{letter.topic}/{letter.partition} at {letter.offset}"
        said = letter.outcome or letter.reason
        typer.echo(f"{letter.event_id[:SHORT]}  {at}  {letter.found_by:14} {where:32} {said[:200]}")
    typer.echo(f"{len(found)} dead letters")
    if json:
        last_line({"letters": [_plain(one) for one in found]})


@app.command()
def show(
    ids: Annotated[list[str], typer.Argument(help="Ids of letters, or their beginnings.")], json: Json = False
) -> None:
    """Show letters whole, decoded as far as they can be. Example: concierge dead show 1b9e6f40"""
    found = _read(Wanted(tuple(ids), closed=True))
    for letter in found:
        for line in describing.lines(letter):
            typer.echo(line)
    if json:
        last_line({"letters": [_plain(one) for one in found]})


@app.command()
def replay(
    ids: Ids = None, property_id: Property = "", topic: Topic = "", found_by: FoundBy = "", json: Json = False
) -> None:
    """Give letters once more to whom they are for, and nothing doubles: inputs are sent again, what the sink
    could not write is written at its own offset. Example: concierge dead replay --topic rooms.intake"""
    _each(Wanted(tuple(ids or ()), property_id, topic, found_by), Replayer.replay, json)


@app.command()
def drop(
    ids: Ids = None, property_id: Property = "", topic: Topic = "", found_by: FoundBy = "", json: Json = False
) -> None:
    """Say that nothing is to become of letters; their bytes stay. Example: concierge dead drop 1b9e6f40"""

    async def dropped(replayer: Replayer, letter: DeadLetter) -> str:
        await replayer.close(letter, "dropped")
        return "dropped"

    _each(Wanted(tuple(ids or ()), property_id, topic, found_by), dropped, json)


def _each(wanted: Wanted, act: Callable[[Replayer, DeadLetter], Awaitable[str]], json: bool) -> None:
    """Each of these letters in its order; one that fails stops no other, and is said at the end."""
    if wanted == Wanted():
        raise Problem("Which letters? Give ids, or --property, --topic or --found-by.")
    loaded = settings.load()
    found = _read(wanted)
    with reached(loaded):
        done, failed = asyncio.run(_all(loaded, found, act))
    typer.echo(f"{done} done, {len(failed)} failed")
    if json:
        last_line({"done": done, "failed": failed})
    if failed:
        raise typer.Exit(1)


async def _all(
    loaded: settings.Settings,
    letters: list[DeadLetter],
    act: Callable[[Replayer, DeadLetter], Awaitable[str]],
) -> tuple[int, dict[str, str]]:
    failed: dict[str, str] = {}
    warehouse = await asyncio.to_thread(Warehouse, loaded)
    try:
        async with kafka.producer(loaded) as producer:
            for letter in letters:
                try:
                    said = await act(Replayer(loaded, producer, warehouse), letter)
                    typer.echo(f"{letter.event_id[:SHORT]}  {said}")
                except Problem as problem:
                    failed[letter.event_id] = str(problem)
                    typer.echo(str(problem), err=True)
    finally:
        await asyncio.to_thread(warehouse.close)
    return len(letters) - len(failed), failed


def _read(wanted: Wanted) -> list[DeadLetter]:
    loaded = settings.load()
    with reached(loaded):
        return asyncio.run(read(loaded, wanted))


def _plain(letter: DeadLetter) -> dict[str, Any]:
    """A letter for JSON: bytes in hexadecimal."""
    return {
        name: value.hex() if isinstance(value := getattr(letter, name), bytes) else value
        for name in letter.__struct_fields__
    }
