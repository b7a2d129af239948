"""Migration files: `NNNN_verb_object.sql`, read in order, and cut into statements."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from infra.engines.warehouse.tokens import tokenize
from infra.runtime.problems import Problem

FOLDER = Path(__file__).with_name("sql")
_NAME = re.compile(r"(\d{4})(_[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; `checksum` is the SHA-256 (hex) of its bytes."""

    number: int
    name: str
    checksum: str
    sql: str = field(repr=False)

    @property
    def statements(self) -> tuple[str, ...]:
        """Its statements without semicolons."""
        return split(self.sql)


def load(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """All migrations by number; numbers begin with 1 and are unique, a gap is allowed.

    Raises Problem for a wrong name or number.
    """
    found = []
    for path in sorted(folder.glob("*.sql")):
        if not _NAME.fullmatch(path.stem):
            raise Problem(f"{path} is not named NNNN_verb_object.sql: rename it.")
        raw = path.read_bytes()
        checksum = hashlib.sha256(raw).hexdigest()
        found.append(Migration(int(path.stem[:4]), path.stem, checksum, raw.decode()))
    if found and found[0].number != 1:
        raise Problem(f"Migration {found[0].name} is the first and should have number 0001.")
    for before, after in pairwise(found):
        if before.number == after.number:
            raise Problem(
                f"Migrations {before.name} and {after.name} have the same number: give one the next."
            )
    return tuple(found)


def split(sql: str) -> tuple[str, ...]:
    """The statements between semicolons, wherever strings, names and comments hold others."""
    raw = sql.encode()
    found, start, empty = [], 0, True
    for token in tokenize(raw.decode("latin-1")):
        if token.kind == "sign" and token.text == ";":
            if not empty:
                found.append(raw[start : token.start].decode().strip())
            start, empty = token.end, True
        else:
            empty = False
    if not empty:
        found.append(raw[start:].decode().strip())
    return tuple(found)
