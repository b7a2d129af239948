"""A file's rows, plain or gzipped: with lines, canonical text and n-th occurrence; bad ones too."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from infra.importer.bookings import COLUMNS, BadRow, Booking, booking, key
from infra.runtime.problems import Problem

# A line longer than this is no booking; it is cut before it is looked at.
MAX_LINE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Good:
    """A row that makes facts, and its identity."""

    line: int
    key: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that does not: its line (from 1), its bytes and why."""

    line: int
    raw: bytes
    reason: str


def read(path: Path, property_id: str) -> Iterator[Good | Bad]:
    """Every row but the heading. Raises Problem: no such file, not this layout, a broken gzip."""
    try:
        with _open(path) as file:
            yield from _rows(file, path, property_id)
    except (OSError, EOFError) as error:
        raise Problem(f"{path} can't be read ({error}): check the file, then import it again.") from error


def size(path: Path) -> int:
    """Lines of the file but the heading, for a progress bar. Raises Problem."""
    try:
        with _open(path) as file:
            return max(0, sum(1 for _ in file) - 1)
    except (OSError, EOFError) as error:
        raise Problem(f"{path} can't be read ({error}): check the file, then import it again.") from error


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return io.BufferedReader(gzip.open(path)) if packed else path.open("rb")


def _rows(file: BinaryIO, path: Path, property_id: str) -> Iterator[Good | Bad]:
    heading = _cells(file.readline(MAX_LINE_BYTES).removeprefix(b"\xef\xbb\xbf"))
    if tuple(heading) != COLUMNS:
        missing = [name for name in COLUMNS if name not in heading]
        raise Problem(
            f"{path} is not in the hotel-booking-demand layout"
            f"{' (no column ' + missing[0] + ')' if missing else ''}: its first line must name "
            f"the {len(COLUMNS)} columns, {COLUMNS[0]} to {COLUMNS[-1]}."
        )
    seen: Counter[str] = Counter()
    line = 1
    while raw := file.readline(MAX_LINE_BYTES):
        line += 1
        if not raw.strip():
            continue
        try:
            if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
                raise BadRow(f"the line is longer than {MAX_LINE_BYTES} bytes")
            cells = _cells(raw)
            if len(cells) != len(COLUMNS):
                raise BadRow(f"{len(cells)} columns, {len(COLUMNS)} are needed")
            found = booking(dict(zip(COLUMNS, cells, strict=True)))
        except BadRow as problem:
            yield Bad(line, raw.rstrip(b"\r\n"), str(problem))
            continue
        canonical = "\x1f".join(cells)
        seen[canonical] += 1
        yield Good(line, key(property_id, canonical, seen[canonical]), found)


def _cells(raw: bytes) -> list[str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 at byte {error.start}") from error
    try:
        return [cell.strip() for cell in next(csv.reader([text.rstrip("\r\n")], strict=True))]
    except (csv.Error, StopIteration) as error:
        raise BadRow(f"not CSV: {error}") from error
