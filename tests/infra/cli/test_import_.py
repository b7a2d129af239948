"""`concierge import bookings`: what it shows, and that what is wrong is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli import import_
from infra.cli.import_ import _property, _zone
from infra.importer import run as importer
from infra.importer.bookings import COLUMNS
from infra.importer.reading import Bad
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from tests.infra.cli.test_cli import concierge


@pytest.mark.parametrize("name", ["Lisbon", "", "../etc/passwd", "Europe/"])
def test_no_time_zone(name: str) -> None:
    with pytest.raises(Problem, match="no IANA time zone"):
        _zone(name)


@pytest.mark.parametrize("name", ["", "*", "a/b", "x" * 201])
def test_no_hotel(name: str) -> None:
    with pytest.raises(Problem, match="no hotel's id"):
        _property(name)


def test_good_ones() -> None:
    assert _zone("Europe/Lisbon").key == "Europe/Lisbon"
    assert _property("city") == "city"


def imported(monkeypatch: pytest.MonkeyPatch, wrong: list[Bad], *more: str, changed: bool = True) -> Result:
    """The command with an import that finds these bad rows."""

    async def run(
        settings: Settings, order: importer.Order, progress: importer.Progress, bad: object
    ) -> importer.Summary:
        assert (order.property_id, order.rooms, order.zone.key) == ("city", 226, "Europe/Lisbon")
        for step in ("reading", "sending", "landing"):
            progress(step, 5, 10)
        for row in wrong:
            bad(row)  # type: ignore[operator]  # a callable, as the command gives it
        return importer.Summary("city", changed, 1_000, len(wrong), 4_200, 4_100, 5, 1.25)

    monkeypatch.setattr(importer, "run", run)
    options = ["--property", "city", "--rooms", "226", "--time-zone", "Europe/Lisbon", *more]
    return CliRunner().invoke(import_.app, ["bookings", "city.csv", *options], catch_exceptions=False)


def test_it_says_what_went_in_and_each_bad_row_with_line_and_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [Bad(7, b"x", "2 columns, 32 are needed"), Bad(9, b"y", "adr is 'x', not an amount")]
    done = imported(monkeypatch, wrong)
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "line 7: 2 columns, 32 are needed",
        "line 9: adr is 'x', not an amount",
        "Hotel city now has 226 rooms in Europe/Lisbon.",
    ]
    assert done.stdout == (
        "1,000 rows of city.csv, 2 bad; 4,200 facts, 4,100 of them new, all in the tables after 1.2 s\n"
    )


def test_more_bad_rows_than_a_screen_holds_are_in_the_dead_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [Bad(line, b"", "not CSV") for line in range(2, import_.SHOWN + 5)]
    said = imported(monkeypatch, wrong, changed=False).stderr.splitlines()
    assert said[-1] == "... and 3 more; all are in v_dead_letters."
    assert len(said) == import_.SHOWN + 1


def test_json_is_one_object_as_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    last = imported(monkeypatch, [], "--json").stdout.splitlines()[-1]
    found = json.loads(last)
    assert (found["rows"], found["bad_rows"], found["facts"], found["facts_new"]) == (1_000, 0, 4_200, 4_100)


def test_what_is_not_there_is_one_sentence_the_file_first(tmp_path: Path) -> None:
    rest = ["--property", "city", "--rooms", "2", "--time-zone", "Europe/Lisbon"]
    ports = {"CONCIERGE_WAREHOUSE_PORT": str(free_row())}
    done = concierge("import", "bookings", str(tmp_path / "no.csv"), *rest, folder=tmp_path, **ports)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no.csv can't be read" in done.stderr
    file = tmp_path / "b.csv"
    file.write_text(",".join(COLUMNS) + "\n")
    done = concierge("import", "bookings", str(file), *rest, folder=tmp_path, **ports)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "does not answer the reader (no connection): start it with `concierge up`" in done.stderr
