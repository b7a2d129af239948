"""One part as a child process: started, watched, restarted with back-off, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.runtime.lifecycle import SUPERVISED
from infra.supervisor import backoff
from infra.supervisor.parts import Part
from infra.supervisor.stall import Stall

Kind = Literal["started", "ready", "late", "done", "died", "stopped", "full", "space"]

STOP_SECONDS = 25.0
"""After SIGTERM; then SIGKILL. Longer than the parts' own grace of 20 s."""

LOG_BYTES = 10 * 1024 * 1024
POLL_SECONDS = 0.1

LAST_WORDS_SECONDS = 2.0
"""Between SIGABRT, on which Python writes all its stacks to the log, and SIGKILL."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a part. `sentence` is for people."""

    part: str
    kind: Kind
    sentence: str


class Child:
    """Keeps one part running until `stop`. Reports through `say`, called on the loop."""

    def __init__(self, part: Part, log: Path, env: Mapping[str, str], say: Callable[[Event], None]) -> None:
        self.part = part
        self.log = log
        self.pid: int | None = None
        self.reason: str | None = "not started"
        self.ready = asyncio.Event()
        self.deaths = 0
        self.restarts = 0
        self.failed_before_ready = 0
        self.answer_seconds = 0.0
        self._env = {**env, **part.env, SUPERVISED: str(os.getpid())}
        self._say = say
        self._stopping = False
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._was_ready = False
        self._silent: float | None = None

    def start(self) -> None:
        """Begins to keep it running."""
        self._task = asyncio.create_task(self._keep(), name=self.part.name)

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL after STOP_SECONDS; returns when the process is gone."""
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._process.wait()
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self._process.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.pid = None
        self.ready.clear()
        self._say(Event(self.part.name, "stopped", f"{self.part.name} stopped"))

    def last_line(self) -> str:
        """The last line of its log that says something."""
        text = self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""
        lines = [line for line in text.splitlines() if line.strip()]
        return lines[-1][:400] if lines else "it said nothing"

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await self._live()
            self.ready.clear()
            self.pid = None
            if self._stopping:
                return
            if self.part.once and code == 0:
                self.reason = None
                self.ready.set()
                self._say(Event(self.part.name, "done", f"{self.part.name} done"))
                return
            self.deaths = backoff.count(self.deaths, loop.time() - began)
            if not self._was_ready:
                self.failed_before_ready += 1
            self.restarts += 1
            wait = backoff.delay(self.deaths)
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            if self._silent is not None:
                how = f"did not answer for {self._silent:.0f} s and was ended"
            self.reason = f"{how}, restarting"
            again = "at once" if wait == 0 else f"in {wait:g} s"
            self._say(Event(self.part.name, "died", f"{self.part.name} {how}; it is started again {again}"))
            await asyncio.sleep(wait)

    async def _live(self) -> int:
        self._bound_log()
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self.part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._env,
                start_new_session=True,  # a terminal's Ctrl-C reaches only the supervisor
            )
        self.pid = self._process.pid
        self.reason = "starting"
        self._silent = None
        self._say(Event(self.part.name, "started", f"{self.part.name} started, pid {self.pid}"))
        watch = asyncio.create_task(self._watch())
        try:
            return await self._process.wait()
        finally:
            watch.cancel()
            self._signal(signal.SIGKILL)  # whatever it left in its group

    async def _watch(self) -> None:
        if self.part.once:
            return
        clock = asyncio.get_running_loop().time
        stall = Stall(clock())
        while True:
            asked = clock()
            self.reason = await self.part.ready()
            self.answer_seconds = clock() - asked
            stall.look(self.reason, clock())
            if self.reason is None and not self.ready.is_set():
                self.ready.set()
                self._was_ready = True
                self._say(Event(self.part.name, "ready", f"{self.part.name} ready"))
            elif self.reason is not None:
                self.ready.clear()
            if stall.late(clock()):
                self._say(Event(self.part.name, "late", f"{self.part.name} is not ready: {self.reason}"))
            self._silent = stall.ended(clock())
            if self._silent is not None:
                await self._end()
                return
            self._bound_log()
            await asyncio.sleep(1.0 if self.ready.is_set() else POLL_SECONDS)

    async def _end(self) -> None:
        """Ends a process that no longer listens to SIGTERM; `_keep` starts it again."""
        self._signal(signal.SIGABRT)
        await asyncio.sleep(LAST_WORDS_SECONDS)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return

    def _bound_log(self) -> None:
        """Keeps the newest LOG_BYTES in the file and as much in `.1`; children append, so it may be cut."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            with suppress(OSError):  # no space for the older half: then it goes
                self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes()[-LOG_BYTES:])
            os.truncate(self.log, 0)
