"""Plain lines without a terminal; in one, links whole above a panel that only ever redraws itself."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from infra.supervisor.child import Child
from infra.supervisor.console import Console
from infra.supervisor.health import running
from infra.supervisor.parts import WORKERS, Part
from tests.patience import PATIENCE

GUEST = "http://127.0.0.1:18080/#code=" + "abcdefghij" * 40

PROGRAM = f"""
import asyncio
from pathlib import Path
from infra.supervisor import console
from infra.supervisor.child import Child
from infra.supervisor.health import running
from infra.supervisor.parts import WORKERS, Part
console.PANEL_SECONDS = 0.05
async def main():
    shown = console.Console()
    shown.line("before the panel")
    children = [Child(Part(f"worker-{{n}}", WORKERS, (), running), Path("x"), {{}}, print) for n in range(10)]
    people = lambda: [("guest", "{GUEST}")]
    showing = asyncio.create_task(shown.show(children, [("gateway", "http://g")], people))
    for number in range(30):
        await asyncio.sleep(0.05)
        shown.line(f"note {{number}} " + "x" * 200)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    shown.line("after the panel")
asyncio.run(main())
"""


async def test_without_a_terminal_there_are_only_lines(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.line("kafka ready")
    child = Child(Part("kafka", WORKERS, (), running), Path("x"), {}, lambda _: None)
    await console.show([child], [("gateway", "http://g")], lambda: [("guest", GUEST)])
    assert capsys.readouterr().out.splitlines() == ["kafka ready", "gateway: http://g", f"guest: {GUEST}"]


async def test_in_a_terminal_of_80_by_24() -> None:
    text = await asyncio.to_thread(in_terminal, PROGRAM, 80, 24)
    said = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert f"guest: {GUEST}\r\n" in said, "whole, without a line break inside"
    assert "\x1b[2J" not in text, "the screen is never cleared"
    assert "\x1b[?1049h" not in text, "what was there before stays"
    _, *frames, last = re.split(r"part +pid +restarts +health", said)
    assert len(frames) > 5
    for frame in frames:
        lines = frame.replace("\r", "").splitlines()
        assert len(lines) <= 23
        assert max(map(len, lines)) <= 80
        assert "sign in as guest" in lines
    assert last.rstrip().endswith("after the panel")


def in_terminal(program: str, columns: int, lines: int) -> str:
    """What a Python program writes into a terminal of this size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**env, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    found = b""
    try:
        while chunk := os.read(ours, 65536):
            found += chunk
    except OSError:  # Linux says so when the last writer is gone
        pass
    finally:
        os.close(ours)
    assert process.wait(PATIENCE) == 0, found.decode(errors="replace")[-2000:]
    return found.decode()


def test_where_nobody_can_be_told_the_parts_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        Console().line("a part died")
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()
