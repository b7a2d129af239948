"""The whole product on free ports and a data folder of its own, as `concierge up` starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from infra.runtime.lifecycle import die_with_parent
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem
from infra.runtime.settings import SECRETS_FILE, Settings, parse

NAMES = ("KAFKA", "KAFKA_CONTROLLER", "WAREHOUSE", "GATEWAY", "DASHBOARD", "PROBE_BASE")
# Ports in a row from PROBE_BASE: for two workers and all others that have one, and two to spare.
PROBES = 11
START_SECONDS = 120.0
STOP_SECONDS = 90.0
# Behind it in the secrets file: what was told to parts that start later.
_TOLD = "# told while it runs\n"

_PID = re.compile(r"^(\S+) started, pid (\d+)$", re.MULTILINE)
_DIED = re.compile(r"^(\S+) .*; it is started again ", re.MULTILINE)
_READY = re.compile(r"^ready in ([0-9.]+) s$", re.MULTILINE)


class Stack:
    """One product. May be started and stopped again and again on the same data; not thread-safe.

    `more`: further settings by name, as the environment would say them.
    """

    def __init__(self, home: Path, **more: str) -> None:
        self.home = home
        self._more = more
        self._told: dict[str, str] = {}
        self.log = home / "up.log"
        self.ports = free_ports()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    @property
    def settings(self) -> Settings:
        """Its settings, secrets included (made at its first start); none of this process's environment."""
        found: dict[str, Any] = {name: field.default for name, field in Settings.model_fields.items()}
        found |= {f"{name.lower()}_port": port for name, port in self.ports.items()}
        for name, value in parse(self._kept()).items():
            found[name.removeprefix("CONCIERGE_").lower()] = value
        return Settings(**found | self._more | {"data_dir": self.data_dir})

    @property
    def environment(self) -> dict[str, str]:
        """For commands that shall find it: its settings and nobody else's."""
        found = {key: value for key, value in os.environ.items() if not key.startswith("CONCIERGE_")}
        found |= {f"CONCIERGE_{name}_PORT": str(port) for name, port in self.ports.items()}
        found |= {f"CONCIERGE_{name.upper()}": value for name, value in self._more.items()}
        return found | {"CONCIERGE_DATA_DIR": str(self.data_dir)}

    def tell(self, name: str, value: str) -> None:
        """A setting of each part that starts from now on; empty: as it was at the start."""
        self._told = {one: said for one, said in {**self._told, name: value}.items() if said}
        file = self.data_dir / SECRETS_FILE
        said = "".join(f"CONCIERGE_{name.upper()}={value}\n" for name, value in self._told.items())
        new = file.with_suffix(".new")
        new.touch(0o600)
        new.write_text(self._kept() + (_TOLD + said if said else ""))
        new.replace(file)  # a part that starts meanwhile reads the one or the other

    def _kept(self) -> str:
        """The secrets file without what was told."""
        file = self.data_dir / SECRETS_FILE
        return file.read_text().partition(_TOLD)[0] if file.exists() else ""

    def start(self) -> None:
        """Starts the supervisor, without a simulator; returns at once. Dies with this process."""
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.cli", "up", "--no-simulate"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )

    def wait(self) -> float:
        """Waits until it says that it is ready: in how many seconds, as it counts. Problem if it does not."""
        deadline = time.monotonic() + START_SECONDS
        while (found := _READY.search(self.said())) is None:
            self.alive()
            if time.monotonic() > deadline:
                raise Problem(f"The product was not ready in time: {self.said()[-2000:]}")
            time.sleep(0.05)
        return float(found[1])

    def settle(self) -> None:
        """Waits for the parts that `ready` does not wait for, too. Problem if one does not come."""
        deadline = time.monotonic() + START_SECONDS
        # The dashboard is started after `ready` only, so it may not have been named yet.
        while not all(
            self.ready(part) or f"{part} done\n" in self.said() for part in {*self.pids(), "dashboard"}
        ):
            self.alive()
            if time.monotonic() > deadline:
                raise Problem(f"Not every part was ready in time: {self.said()[-2000:]}")
            time.sleep(0.05)

    def alive(self) -> None:
        """Problem if the supervisor has ended."""
        if self._process is None or self._process.poll() is not None:
            raise Problem(f"The product does not run: {self.said()[-2000:]}")

    def stop(self) -> None:
        """Stops it in order. Problem where it did not end with 0."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        if process.wait(STOP_SECONDS) != 0:
            raise Problem(f"The product ended with {process.returncode}: {self.said()[-2000:]}")

    def said(self) -> str:
        """What the supervisor printed since its start."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def pids(self) -> dict[str, int]:
        """The newest process id of each part."""
        return {part: int(pid) for part, pid in _PID.findall(self.said())}

    def ready(self, part: str) -> bool:
        """Whether this part was said to be ready after its newest start, and not to have died since."""
        text = self.said()
        started = text.rfind(f"{part} started, pid ")
        return text.rfind(f"{part} ready\n") > started and part not in _DIED.findall(text, started)

    def deaths(self, part: str) -> int:
        """How often it died since the start."""
        return _DIED.findall(self.said()).count(part)


def free_ports() -> dict[str, int]:
    """A free port for each of NAMES, with those behind the last that the supervisor counts up to."""
    base = free_row(len(NAMES) - 1 + PROBES)
    return {name: base + place for place, name in enumerate(NAMES)}
