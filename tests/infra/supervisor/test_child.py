"""One part: restarted when it dies or falls silent, its log bounded, its last words kept."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from infra.supervisor import child, health, stall
from infra.supervisor.child import Child
from infra.supervisor.parts import WORKERS, Part
from tests.fixtures_kafka import free_ports
from tests.infra.supervisor.test_supervisor import STEADY, Seen
from tests.patience import until

SERVES = (
    STEADY + "import faulthandler, http.server as h; faulthandler.enable(); "
    "h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of seconds in place of minutes."""
    monkeypatch.setattr(stall, "SILENT_SECONDS", 2.0)
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.5)


def serving(folder: Path, seen: Seen, code: str = SERVES) -> Child:
    """A part that answers on a port of its own, not yet started."""
    (port,) = free_ports(1)
    ready = health.http(f"http://127.0.0.1:{port}/")
    part = Part("worker", WORKERS, (sys.executable, "-c", code.format(port=port)), ready)
    return Child(part, folder / "worker.log", dict(os.environ), seen)


@pytest.mark.usefixtures("hasty")
async def test_a_part_that_stands_still_is_ended_and_started_again(tmp_path: Path) -> None:
    seen = Seen()
    one = serving(tmp_path, seen)
    one.start()
    try:
        await until(one.ready.is_set)
        stopped = one.pid
        assert stopped
        os.kill(stopped, signal.SIGSTOP)
        await until(lambda: "died" in [event.kind for event in seen.events])
        await until(one.ready.is_set)
        assert one.pid != stopped
    finally:
        await one.stop()
    death = next(event for event in seen.events if event.kind == "died")
    assert death.sentence.startswith("worker did not answer for ")
    assert death.sentence.endswith(" s and was ended; it is started again at once")


@pytest.mark.usefixtures("hasty")
async def test_a_part_that_hangs_says_where_before_it_is_ended(tmp_path: Path) -> None:
    seen = Seen()
    one = serving(tmp_path, seen, SERVES.replace("serve_forever()", "handle_request(); time.sleep(99)"))
    one.start()
    try:
        await until(lambda: "died" in [event.kind for event in seen.events])
    finally:
        await one.stop()
    assert "Fatal Python error: Aborted" in one.log.read_text()
    assert 'File "<string>"' in one.log.read_text()


async def test_the_log_is_bounded_while_the_part_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "LOG_BYTES", 1000)
    code = STEADY + "print('x' * 5000, 'the end', flush=True); time.sleep(60)"
    part = Part("worker", WORKERS, (sys.executable, "-c", code), health.running)
    one = Child(part, tmp_path / "worker.log", dict(os.environ), Seen())
    one.start()
    try:
        await until((tmp_path / "worker.log.1").exists)
    finally:
        await one.stop()
    assert len((tmp_path / "worker.log.1").read_bytes()) == 1000
    assert one.log.stat().st_size < 1000


def test_on_a_full_disk_the_log_is_cut_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LOG_BYTES", 10)
    one = Child(Part("worker", WORKERS, ("true",), health.running), tmp_path / "worker.log", {}, Seen())
    one.log.write_text("x" * 100)
    (tmp_path / "worker.log.1").symlink_to("/dev/full")
    one._bound_log()
    assert one.log.read_text() == ""


def test_the_last_line_that_says_something(tmp_path: Path) -> None:
    part = Part("worker", WORKERS, ("true",), health.running)
    one = Child(part, tmp_path / "log", {}, Seen())
    assert one.last_line() == "it said nothing"
    one.log.write_text("first\nPort 1 is taken.\n\n  \n")
    assert one.last_line() == "Port 1 is taken."
