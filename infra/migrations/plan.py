"""What is applied, what is still to do, and what must not go on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from infra.migrations.files import Migration
from infra.runtime.problems import Problem

State = Literal["applied", "pending", "changed", "missing"]


@dataclass(frozen=True, slots=True)
class Applied:
    """A row of the table `migrations`."""

    number: int
    name: str
    checksum: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """One migration as `concierge migrate --status` shows it; `applied_at` is None while pending."""

    number: int
    name: str
    state: State
    applied_at: datetime | None


def status(files: Sequence[Migration], applied: Sequence[Applied]) -> tuple[Status, ...]:
    """Every migration of the files and of the database, by number."""
    done = {row.number: row for row in applied}
    rows = []
    for file in files:
        row = done.pop(file.number, None)
        if row is None:
            rows.append(Status(file.number, file.name, "pending", None))
        else:
            same = (row.name, row.checksum) == (file.name, file.checksum)
            rows.append(Status(file.number, file.name, "applied" if same else "changed", row.applied_at))
    rows += [Status(row.number, row.name, "missing", row.applied_at) for row in done.values()]
    return tuple(sorted(rows, key=lambda row: row.number))


def pending(files: Sequence[Migration], applied: Sequence[Applied]) -> tuple[Migration, ...]:
    """What to apply, in order. Raises Problem if the history does not fit the files."""
    last = max((row.number for row in applied), default=0)
    todo = []
    for row in status(files, applied):
        if row.state == "changed":
            raise Problem(
                f"Migration {row.name} was changed after it was applied on {row.applied_at:%Y-%m-%d}: "
                "restore its file, and put the change into a new migration."
            )
        if row.state == "missing":
            raise Problem(
                f"Migration {row.name} is applied in the database, but its file is missing: "
                "this code is older than the database, or the file was deleted; use the newer code."
            )
        if row.state == "pending":
            if row.number < last:
                raise Problem(
                    f"Migration {row.name} is not applied although {last:04d} is: give it the next number."
                )
            todo.append(row.number)
    return tuple(file for file in files if file.number in todo)
