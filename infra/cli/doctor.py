"""`concierge doctor`: each part, is it well, and how to mend it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from dataclasses import asdict, dataclass

import typer

from infra.cli.output import Json, last_line
from infra.engines.kafka import jars, lock
from infra.runtime import settings
from infra.runtime.problems import Problem
from infra.supervisor import checks, memory, parts


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` says what to do where it is not well."""

    what: str
    well: bool
    says: str
    mend: str = ""


def doctor(json: Json = False) -> None:
    """Check each part and say how to mend it; exit code 1 if one is not well. Example: concierge doctor"""
    loaded = settings.load()
    found = [*_machine(loaded), *asyncio.run(_parts(loaded)), asyncio.run(_topics(loaded)), _tables(loaded)]
    for finding in found:
        mark = typer.style("ok  ", fg="green") if finding.well else typer.style("ILL ", fg="red")
        typer.echo(f"{mark}{finding.what}: {finding.says}{' -> ' + finding.mend if finding.mend else ''}")
    if json:
        last_line({"well": all(one.well for one in found), "findings": [asdict(one) for one in found]})
    if not all(one.well for one in found):
        raise typer.Exit(1)


def _machine(loaded: settings.Settings) -> list[Finding]:
    folders = (loaded.data_dir.resolve(), *loaded.data_dir.resolve().parents)
    free = shutil.disk_usage(next(folder for folder in folders if folder.exists())).free
    secret = bool(loaded.jwt_secret.get_secret_value())
    strange = settings.unknown(os.environ)
    found = [
        _finding("disk", free >= checks.LEAST_FREE_BYTES, f"{free // 2**20} MB free", "free some space"),
        _finding(
            "settings",
            not strange,
            f"{', '.join(strange)}: no such setting" if strange else "all are known",
            "`concierge config` shows all there are",
        ),
        _finding("secrets", secret, "there" if secret else "missing", "run `concierge up` once"),
    ]
    if not loaded.kafka_url:
        missing = len(jars.missing(lock.load(), jars.cache_folder()))
        says = f"{missing} jars missing in {jars.cache_folder()}" if missing else "jars are here"
        found.append(_finding("kafka jars", not missing, says, "run `concierge up` with network"))
    if owner := checks.owner(loaded.data_dir):
        pids = memory.family(owner)
        says = f"{memory.pss_bytes(pids) // 2**20} MB in {len(pids)} processes"
        found.append(Finding("memory", True, says))
    return found


async def _parts(loaded: settings.Settings) -> list[Finding]:
    looked_at = [part for part in parts.table(loaded, None) if not part.once]
    reasons = await asyncio.gather(*(part.ready() for part in looked_at))
    lives = checks.owner(loaded.data_dir) is not None  # then who died is started again by itself
    found = []
    for part, reason in zip(looked_at, reasons, strict=True):
        log = loaded.data_dir / "logs" / f"{part.name}.log"
        mend = f"see {log}" if lives else f"start it with `concierge up`, or see {log}"
        found.append(_finding(part.name, reason is None, str(reason or "ready"), mend))
    return found


async def _topics(loaded: settings.Settings) -> Finding:
    from aiokafka.errors import KafkaError

    from infra import topics

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the finding says it, once
    try:
        differences = await topics.check(loaded)
    except (KafkaError, OSError) as error:
        mend = "start it with `concierge up`, or check CONCIERGE_KAFKA_URL and what the cluster asks for"
        return Finding("topics", False, f"no word of {loaded.kafka_bootstrap} ({type(error).__name__})", mend)
    says = f"{differences[0]}, and {len(differences) - 1} more" if differences else "as they should be"
    return _finding("topics", not differences, says, "see `concierge topics check`; missing: `concierge up`")


def _tables(loaded: settings.Settings) -> Finding:
    from infra.migrations import runner

    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # the finding says it, once
    try:
        waiting = [row for row in runner.status(loaded) if row.state != "applied"]
    except Problem as problem:
        return Finding("tables", False, str(problem), "start it with `concierge up`")
    says = f"{waiting[0].name} is {waiting[0].state}" if waiting else "all migrations are applied"
    return _finding("tables", not waiting, says, "run `concierge migrate`")


def _finding(what: str, well: bool, says: str, mend: str) -> Finding:
    return Finding(what, well, says, "" if well else mend)
