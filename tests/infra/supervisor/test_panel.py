"""The panel fits a terminal, and cuts nothing that a person would copy."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from infra.runtime.settings import Settings
from infra.supervisor import panel, parts
from infra.supervisor.child import Child
from infra.supervisor.figures import Figures

PLACES = [("gateway", "http://127.0.0.1:18080"), ("kafka", "127.0.0.1:19092")] * 2
PEOPLE = [(label, f"http://127.0.0.1:18080/#code={label * 90}") for label in ("guest", "staff", "admin")]
NOTES = [f"12:00:{number:02} something long happened {'and so on ' * 12}" for number in range(20)]


@pytest.fixture
def children(tmp_path: Path) -> list[Child]:
    table = parts.table(Settings(), ("--hotels", "1"))
    found = [Child(part, tmp_path / part.name, {}, lambda _: None) for part in table]
    found[0].ready.set()
    found[1].reason, found[1].pid = "a reason " * 30, 4711
    return found


def render(children: list[Child], width: int, height: int, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=terminal)
    figures = Figures(12.34, 5, 3.21, 45.6)
    console.print(panel.view(children, figures, PLACES, PEOPLE, NOTES, height - 1))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_it_fits(children: list[Child], width: int, height: int) -> None:
    lines = render(children, width, height).splitlines()
    assert len(lines) <= height - 1
    assert max(map(len, lines)) <= width
    assert lines[-1].startswith("12:00:19 something long"), "the newest note is the last line"
    assert any(re.match(r"warehouse +4711 +○ a reason a reason .*…$", line) for line in lines)
    assert "12.3 events/s · lag 5 · event to client p50 3.2 ms, p99 45.6 ms" in lines
    assert all(any(address in line for line in lines) for _, address in PLACES)


def test_people_are_words_that_open_their_whole_link(children: list[Child]) -> None:
    text = render(children, 80, 24, terminal=True)
    assert "sign in as guest staff admin" in render(children, 80, 24)
    assert all(f";{address}\x1b\\" in text for _, address in PEOPLE)


def test_health_says_what_is_missing(children: list[Child]) -> None:
    kafka, warehouse, prepare = children[:3]
    prepare.ready.set()
    assert [panel.health(child).plain[:8] for child in (kafka, warehouse, prepare)] == [
        "● ready", "○ a reas", "● done",
    ]  # fmt: skip
    assert panel.health(warehouse).style == "yellow"
    assert panel.health(children[3]).style == "red"


def test_nothing_delivered_is_said_so() -> None:
    assert panel.sentence(Figures(0.0, 0, None, None)) == "0.0 events/s · lag 0 · no events yet"
