"""`concierge tail`: a topic's records, decoded, as they come."""

from __future__ import annotations

import asyncio
import json as jsonlib
import os
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from infra.cli.output import Json, last_line
from infra.runtime import settings
from infra.runtime.problems import Problem


def tail(
    topic: Annotated[str, typer.Argument(help="Name of a topic: see `concierge topics`.")],
    property_id: Annotated[str, typer.Option("--property", help="Only this hotel.")] = "",
    contains: Annotated[str, typer.Option(help="Only records whose line contains this.")] = "",
    last: Annotated[int, typer.Option(min=0, help="Begin this many records before each end.")] = 10,
    limit: Annotated[int, typer.Option(min=0, help="Stop after so many records; 0: never.")] = 0,
    follow: Annotated[bool, typer.Option(help="Wait for new records.")] = True,
    json: Json = False,
) -> None:
    """Show a topic's records, decoded. Example: concierge tail services --property harbour --no-follow"""
    from schemas.topics import TOPICS

    known = {one.name: one for one in TOPICS}
    if topic not in known:
        raise Problem(f"There is no topic {topic!r}: `concierge topics` lists them.")
    shown = asyncio.run(_tail(known[topic], property_id, contains, last, limit, follow))
    if json:
        last_line({"topic": topic, "shown": shown})


async def _tail(topic: Any, property_id: str, contains: str, last: int, limit: int, follow: bool) -> int:
    from aiokafka.errors import KafkaError

    from infra.runtime import kafka

    loaded = settings.load()
    try:
        consumer = kafka.reader(loaded)
    except OSError as error:
        raise kafka.unreachable(loaded, error) from error
    shown = 0
    try:
        await consumer.start()
        partitions = kafka.partitions_of(loaded, topic)
        consumer.assign(partitions)
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        for tp in partitions:
            consumer.seek(tp, max(begins[tp], ends[tp] - last))
        while follow or any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    line = render(topic, record)
                    of_hotel = (record.key or b"").split(b"/")[0].decode(errors="replace")
                    if (property_id and of_hotel != property_id) or contains not in line:
                        continue
                    typer.echo(line)
                    shown += 1
                    if limit and shown >= limit:
                        return shown
        return shown
    except BrokenPipeError:  # who reads the lines has enough: `concierge tail | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be flushed
        return shown
    except (KafkaError, OSError) as error:
        raise kafka.unreachable(loaded, error) from error
    finally:
        await consumer.stop()


def render(topic: Any, record: Any) -> str:
    """One line: time (UTC), partition:offset, key, record type and fields. Undecodable bytes say why."""
    from schemas import codec

    at = datetime.fromtimestamp(record.timestamp / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    key = printable((record.key or b"").decode(errors="replace"))
    head = " ".join(
        (
            typer.style(at, dim=True),
            typer.style(f"{record.partition}:{record.offset}", dim=True),
            typer.style(key, fg="cyan"),
        )
    )
    if record.value is None:
        return f"{head} {typer.style('(deleted)', fg='yellow')}"
    try:
        found = codec.decode(record.value, topic)
    except codec.Undecodable as error:
        return f"{head} {typer.style(f'undecodable: {printable(str(error))}', fg='red')}"
    import msgspec

    fields = said(msgspec.to_builtins(found))
    return f"{head} {typer.style(type(found).__name__, fg='green')} {jsonlib.dumps(fields, default=str)}"


def printable(text: str) -> str:
    """Anybody may write a key: what would steer the terminal is shown as an escape."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def said(value: Any) -> Any:
    """Without the fields that say nothing: a fact has one for each type that it is not."""
    if isinstance(value, dict):
        return {name: said(inner) for name, inner in value.items() if inner is not None}
    return [said(inner) for inner in value] if isinstance(value, list) else value
