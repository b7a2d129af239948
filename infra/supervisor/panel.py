"""What `concierge up` shows in a terminal: parts, figures, links. Pure: from values to a rich table.

Nothing in it wraps, so that its height is known: 19 lines for the ten parts of a default start, which leaves
four for notes where a terminal has 24. Sign-in links are longer than a line: here they are words that a
terminal opens; `up` prints them whole, above, where they can be copied.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from infra.supervisor.child import Child
from infra.supervisor.figures import Figures

Links = Sequence[tuple[str, str]]
"""(label, address)."""


def view(
    children: Sequence[Child],
    figures: Figures | None,
    places: Links,
    people: Links,
    notes: Sequence[str],
    height: int,
) -> RenderableType:
    """The panel in `height` lines. `people`: who may sign in; `notes`: the last things that happened."""
    parts = Table(box=None, pad_edge=False)
    for heading in ("part", "pid", "restarts"):
        parts.add_column(heading, header_style="bold", no_wrap=True)
    parts.add_column("health", header_style="bold")  # the one that gives way: its text ends in an ellipsis
    for child in children:
        parts.add_row(child.part.name, str(child.pid or ""), str(child.restarts or ""), health(child))
    lines: list[RenderableType] = [parts, Text(), _line(sentence(figures) if figures else ""), Text()]
    lines += [Text.assemble((f"{label:10}", "bold"), address) for label, address in places]
    lines.append(signs(people))
    room = max(0, height - len(children) - len(lines) - 1)
    lines += [_line(note, "dim") for note in notes[max(0, len(notes) - room) :]] if room else []
    return Group(*lines)


def signs(people: Links) -> Text:
    """One line of words that open a sign-in link each."""
    found = Text("sign in as", style="bold", no_wrap=True, overflow="ellipsis")
    for label, address in people:
        found.append(" ")
        found.append(label, Style(bold=False, underline=True, link=address))
    return found


def health(child: Child) -> Text:
    """One glyph and word, and the reason where it is not ready."""
    if child.ready.is_set():
        return _line("● done" if child.part.once else "● ready", "green")
    return _line(f"○ {child.reason or 'starting'}", "yellow" if child.pid else "red")


def sentence(figures: Figures) -> str:
    """events/s, lag and latency in one line."""
    latency = "no events yet"
    if figures.p50_ms is not None and figures.p99_ms is not None:
        latency = f"event to client p50 {figures.p50_ms:.1f} ms, p99 {figures.p99_ms:.1f} ms"
    return f"{figures.events_per_second:.1f} events/s · lag {figures.lag} · {latency}"


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
