"""A process ends gracefully on the first signal, at once on the second, and never outlives its supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE, until

MAIN = """
import asyncio, sys
from infra.runtime import lifecycle
async def main(stop):
    print("up", flush=True)
    {body}
    print("closed", flush=True)
lifecycle.run(main, grace_seconds={grace}, uvloop={uvloop})
"""


def start(body: str, grace: float = 20, uvloop: bool = False) -> subprocess.Popen[str]:
    code = MAIN.format(body=body, grace=grace, uvloop=uvloop)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize("uvloop", [False, True])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_main_close_what_it_opened(number: signal.Signals, uvloop: bool) -> None:
    process = start("await stop.wait()", uvloop=uvloop)
    process.send_signal(number)
    assert process.communicate(timeout=PATIENCE)[0] == "closed\n"
    assert process.returncode == 0


def test_a_main_that_does_not_end_is_cancelled_after_the_grace() -> None:
    process = start("await asyncio.Event().wait()", grace=0.1)
    process.terminate()
    assert process.communicate(timeout=PATIENCE)[0] == ""
    assert process.returncode == 0


def test_a_second_signal_does_not_wait_for_the_grace() -> None:
    process = start("await stop.wait(); print('stopping', flush=True); await asyncio.Event().wait()")
    process.terminate()
    assert process.stdout
    assert process.stdout.readline() == "stopping\n"
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_an_error_of_main_is_not_hidden() -> None:
    process = start("raise SystemExit(7)")
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 7


CHILD = "import os, time; from infra.runtime import lifecycle; lifecycle.supervised(); "


async def test_a_child_dies_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    child = (
        CHILD + f"open({str(mark)!r}, 'w').write(str(os.getpid())); os.execv('/bin/sleep', ['sleep', '60'])"
    )
    parent = (
        "import os, subprocess, sys, time; os.environ['CONCIERGE_SUPERVISED'] = str(os.getpid()); "
        f"subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    await until(lambda: mark.exists() and mark.read_text() != "")
    pid = int(mark.read_text())
    os.kill(pid, 0)
    process.kill()
    process.wait()
    await until(lambda: gone(pid))


def test_a_child_whose_supervisor_is_already_gone_ends_at_once() -> None:
    env = {**os.environ, "CONCIERGE_SUPERVISED": "1"}
    done = subprocess.run([sys.executable, "-c", CHILD + "print('lives')"], env=env, capture_output=True)
    assert (done.returncode, done.stdout) == (1, b"")


def gone(pid: int) -> bool:
    """True once `pid` runs no more; a zombie nobody has waited for counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
