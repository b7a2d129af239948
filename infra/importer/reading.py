"""A file's rows, plain or gzipped: with lines, canonical text and n-th occurrence; bad ones too."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from infra.importer.bookings import COLUMNS, BadRow, Booking, booking, key
from infra.runtime.problems import Problem

# A line longer than this is no booking; it is cut before it is looked at.
MAX_LINE_BYTES = 64 * 1024
_BROKEN = (OSError, EOFError, zlib.error)


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


def read(path: Path, property_id: str, nth: Callable[[str], int]) -> Iterator[Good | Bad]:
    """Every row but the heading. `nth` counts: how often a canonical row was seen, this time included.

    Raises Problem: no such file, not this layout, a broken gzip.
    """
    try:
        with _open(path) as file:
            _check(_line(file)[0], path)
            yield from _rows(file, property_id, nth)
    except _BROKEN as error:
        raise _unreadable(path, error) from error


def check(path: Path) -> None:
    """Problem where there is no such file, or not of this layout: said before anything is begun."""
    try:
        with _open(path) as file:
            _check(_line(file)[0], path)
    except _BROKEN as error:
        raise _unreadable(path, error) from error


def size(path: Path) -> int:
    """Lines of the file but the heading, for a progress bar. Raises Problem."""
    try:
        with _open(path) as file:
            count, last = 0, b"\n"
            while chunk := file.read(1 << 18):
                count += chunk.count(b"\n")
                last = chunk[-1:]
    except _BROKEN as error:
        raise _unreadable(path, error) from error
    return max(0, count - (last == b"\n"))


def _unreadable(path: Path, error: Exception) -> Problem:
    return Problem(f"{path} can't be read ({error}): check the file, then import it again.")


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return io.BufferedReader(gzip.open(path)) if packed else path.open("rb")


def _check(first: bytes, path: Path) -> None:
    """Problem unless the first line names the columns."""
    try:
        heading = _cells(first.removeprefix(b"\xef\xbb\xbf"))
        missing = [name for name in COLUMNS if name not in heading]
        why = f"no column {missing[0]}" if missing else "further columns, or another order"
    except BadRow as problem:
        heading, why = [], str(problem)
    if not first:
        raise Problem(f"{path} is empty: nothing to import.")
    if tuple(heading) != COLUMNS:
        raise Problem(
            f"{path} is not in the hotel-booking-demand layout ({why}): its first line must name "
            f"the {len(COLUMNS)} columns, {COLUMNS[0]} to {COLUMNS[-1]}, in UTF-8."
        )


def _rows(file: BinaryIO, property_id: str, nth: Callable[[str], int]) -> Iterator[Good | Bad]:
    line = 1
    while (read := _line(file))[0]:
        raw, whole = read
        line += 1
        if not raw.strip():
            continue
        try:
            if not whole:
                raise BadRow(f"the line is longer than {MAX_LINE_BYTES} bytes")
            cells = _cells(raw)
            if len(cells) != len(COLUMNS):
                raise BadRow(f"{len(cells)} columns, {len(COLUMNS)} are needed")
            found = booking(dict(zip(COLUMNS, cells, strict=True)))
        except BadRow as problem:
            yield Bad(line, raw.rstrip(b"\r\n"), str(problem))
            continue
        canonical = "\x1f".join(cells)
        yield Good(line, key(property_id, canonical, nth(canonical)), found)


def _line(file: BinaryIO) -> tuple[bytes, bool]:
    """The next line, b"" at the end, and whether it is whole: of a longer one only the start is kept."""
    raw = rest = file.readline(MAX_LINE_BYTES)
    while len(rest) == MAX_LINE_BYTES and not rest.endswith(b"\n"):
        rest = file.readline(MAX_LINE_BYTES)
    return raw, rest is raw


def _cells(raw: bytes) -> list[str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 at byte {error.start}") from error
    try:
        return [cell.strip() for cell in next(csv.reader([text.rstrip("\r\n")], strict=True))]
    except (csv.Error, StopIteration) as error:
        raise BadRow(f"not CSV: {error}") from error
