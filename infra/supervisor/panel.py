"""What `concierge up` shows in a terminal: parts, figures, links. Pure: from values to a rich table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.supervisor.child import Child
from infra.supervisor.figures import Figures


def view(
    children: Sequence[Child], figures: Figures | None, links: Sequence[tuple[str, str]], notes: Sequence[str]
) -> RenderableType:
    """The whole panel. `links`: (label, address); `notes`: the last things that happened."""
    parts = Table(box=None, pad_edge=False)
    for heading in ("part", "health", "pid", "restarts"):
        parts.add_column(heading, header_style="bold")
    for child in children:
        parts.add_row(child.part.name, health(child), str(child.pid or ""), str(child.restarts or ""))
    lines: list[RenderableType] = [parts, Text()]
    if figures is not None:
        lines += [Text(sentence(figures)), Text()]
    lines += [Text.assemble((f"{label:10}", "bold"), address) for label, address in links]
    lines += [Text(note, style="dim") for note in notes]
    return Group(*lines)


def health(child: Child) -> Text:
    """One glyph and word, and the reason where it is not ready."""
    if child.ready.is_set():
        return Text("● done" if child.part.once else "● ready", style="green")
    return Text(f"○ {(child.reason or 'starting')[:60]}", style="yellow" if child.pid else "red")


def sentence(figures: Figures) -> str:
    """events/s, lag and latency in one line."""
    latency = "no events yet"
    if figures.p50_ms is not None and figures.p99_ms is not None:
        latency = f"event to client p50 {figures.p50_ms:.1f} ms, p99 {figures.p99_ms:.1f} ms"
    return f"{figures.events_per_second:.1f} events/s · lag {figures.lag} · {latency}"
