"""`concierge doctor`: each part, is it well, and how to mend it."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import asdict, dataclass

import typer

from infra.cli.output import Json, last_line
from infra.engines.kafka import jars, lock
from infra.runtime import settings
from infra.supervisor import checks, parts


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
    found = [*_machine(loaded), *asyncio.run(_parts(loaded))]
    for finding in found:
        mark = typer.style("ok  ", fg="green") if finding.well else typer.style("ILL ", fg="red")
        typer.echo(f"{mark}{finding.what}: {finding.says}{' -> ' + finding.mend if finding.mend else ''}")
    if json:
        last_line({"well": all(one.well for one in found), "findings": [asdict(one) for one in found]})
    if not all(one.well for one in found):
        raise typer.Exit(1)


def _machine(loaded: settings.Settings) -> list[Finding]:
    folder = loaded.data_dir if loaded.data_dir.exists() else loaded.data_dir.resolve().parent
    free = shutil.disk_usage(folder).free
    found = [
        Finding("disk", True, f"{free // 2**20} MB free")
        if free >= checks.LEAST_FREE_BYTES
        else Finding("disk", False, f"{free // 2**20} MB free", "free some space")
    ]
    secret = bool(loaded.jwt_secret.get_secret_value())
    found.append(
        Finding(
            "secrets", secret, "there" if secret else "missing", "" if secret else "run `concierge up` once"
        )
    )
    if not loaded.kafka_url:
        missing = len(jars.missing(lock.load(), jars.cache_folder()))
        says = f"{missing} jars missing in {jars.cache_folder()}" if missing else "jars are here"
        found.append(
            Finding("kafka jars", not missing, says, "run `concierge up` with network" if missing else "")
        )
    return found


async def _parts(loaded: settings.Settings) -> list[Finding]:
    looked_at = [part for part in parts.table(loaded, None) if not part.once]
    reasons = await asyncio.gather(*(part.ready() for part in looked_at))
    found = []
    for part, reason in zip(looked_at, reasons, strict=True):
        log = loaded.data_dir / "logs" / f"{part.name}.log"
        mend = f"start it with `concierge up`, or see {log}" if reason else ""
        found.append(Finding(part.name, reason is None, reason or "ready", mend))
    return found
