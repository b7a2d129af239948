"""Files: plain, gzipped, with equal rows, with rows that are none."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from infra.importer.reading import MAX_LINE_BYTES, Bad, Good, read, size
from infra.runtime.problems import Problem
from tests.infra.importer.rows import HEADING, line


def file(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "b.csv"
    path.write_bytes(HEADING.encode() + b"".join(x.encode() if isinstance(x, str) else x for x in lines))
    return path


def rows(path: Path, hotel: str = "h1") -> list[Good | Bad]:
    seen: Counter[str] = Counter()

    def nth(canonical: str) -> int:
        seen[canonical] += 1
        return seen[canonical]

    return list(read(path, hotel, nth))


def keys(path: Path, hotel: str = "h1") -> list[str]:
    return [row.key for row in rows(path, hotel) if isinstance(row, Good)]


def test_equal_rows_are_different_reservations_and_packing_changes_nothing(tmp_path: Path) -> None:
    plain = file(tmp_path, line(), line(), line(adults="3"))
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes().replace(b"\n", b"\r\n")))
    assert len(set(keys(plain))) == 3
    assert keys(packed) == keys(plain)
    assert set(keys(plain, "h2")).isdisjoint(keys(plain))
    assert size(plain) == size(packed) == 3


def test_mending_a_row_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    broken = keys(file(tmp_path, line(), line(adr="x"), line(adults="3")))
    mended = keys(file(tmp_path, line(), line(adr="5"), line(adults="3")))
    assert set(broken) < set(mended)


def test_bad_rows_have_line_bytes_and_reason(tmp_path: Path) -> None:
    path = file(tmp_path, line(), "a,b\n", "\n", b"\xff\xfe\n", '"open\n', "x" * 100_000 + "\n", line())
    found = rows(path)
    bad = [row for row in found if isinstance(row, Bad)]
    assert [row.line for row in bad] == [3, 5, 6, 7]
    assert bad[0].raw == b"a,b"
    assert len(bad[3].raw) == MAX_LINE_BYTES
    assert all(row.reason for row in bad)
    assert [row.line for row in found if isinstance(row, Good)] == [2, 8]
    assert size(path) == 7


def broken(folder: Path, what: str) -> Path:
    """A file that is no bookings file, in one of many ways."""
    good = file(folder, line()).read_bytes()
    packed = gzip.compress(good * 50)
    path = folder / "x.csv"
    contents = {
        "other": b"a,b\n1,2\n",
        "empty": b"",
        "cut": packed[:-12],
        "garbled": packed[:60] + bytes(40) + packed[100:],
        "utf-16": good.decode().encode("utf-16"),
        "one long line": b"x" * 300_000,
        "reordered": b",".join(reversed(HEADING.encode().strip().split(b","))) + b"\n",
    }
    if what == "folder":
        path.mkdir()
    elif what != "none":
        path.write_bytes(contents[what])
    return path


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("none", "can't be read"),
        ("folder", "can't be read"),
        ("cut", "can't be read"),
        ("garbled", "can't be read"),
        ("empty", "is empty"),
        ("other", "no column hotel"),
        ("utf-16", "not UTF-8"),
        ("one long line", "no column"),
        ("reordered", "another order"),
    ],
)
def test_what_is_no_such_file_is_one_sentence(tmp_path: Path, what: str, words: str) -> None:
    with pytest.raises(Problem, match=words):
        rows(broken(tmp_path, what))
