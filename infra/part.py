"""`python -m infra.part PART`: what `concierge run` does, without the command's frame.

The supervisor starts eight of them at once, and the frame costs each 0.1 s of CPU.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import importlib
import inspect
import os
import sys
import time
from pathlib import Path
from typing import Any

from infra.runtime import failpoints, garbage, lifecycle, settings
from infra.runtime.problems import Problem

GATE = "CONCIERGE_GATE"
"""Environment: a file that exists once engines, topics and tables are ready. Imports need not wait for it."""

# part -> module:function; called with the part's own argument, if it has one
MAINS = {
    "worker": "streams.worker:main",
    "sink": "streams.sink:main",
    "push": "streams.push:main",
    "gateway": "gateway.main:main",
    "warehouse": "infra.engines.warehouse.__main__:main",
    "auditor": "infra.auditor.main:main",
}
PARTS = ("kafka", "prepare", *MAINS, "dashboard")

# What a part would load at first use, and so behind the gate, where others wait for it: Faust takes 0.4 s.
SOON = {"worker": ("faust.app.base", "faust.transport.drivers.aiokafka", "streams.agents.tables")}


def run(part: str, agents: str = "", index: int = 0) -> None:
    """Runs `part` until it ends. `agents`: a worker's, `,` between them; `index`: a gateway's number."""
    lifecycle.supervised()
    faulthandler.enable()  # the supervisor ends a part that hangs by SIGABRT first: where, is in its log
    if part == "kafka":
        _kafka()
    elif part == "prepare":
        asyncio.run(_prepare())
    elif part == "dashboard":
        _dashboard()
    elif part in MAINS:
        _main(part, agents, index)
    else:
        raise Problem(f"There is no part {part!r}: use one of {', '.join(PARTS)}.")


def _main(part: str, agents: str, index: int) -> None:
    if part == "worker" and not agents:
        raise Problem("A worker needs agents: concierge run worker --agents rooms,services.")
    failpoints.arm(settings.load().failpoints)
    _structlog_without_rich()
    module, _, name = MAINS[part].partition(":")
    with garbage.loading():
        main = getattr(importlib.import_module(module), name)
        for soon in SOON.get(part, ()):
            importlib.import_module(soon)
    if part != "warehouse":
        _wait_for_gate()
    arguments: dict[str, tuple[Any, ...]] = {"worker": (agents.split(","),), "gateway": (index,)}
    result = main(*arguments.get(part, ()))
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    if isinstance(result, int):
        sys.exit(result)


def _structlog_without_rich() -> None:
    """structlog loads rich where it finds it: 0.2 s of CPU in each part, for tracebacks nobody writes."""
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401

    del sys.modules["rich"]


def _wait_for_gate() -> None:
    gate = os.environ.get(GATE)
    while gate and not Path(gate).exists():
        time.sleep(0.02)


def _kafka() -> None:
    from infra.engines.kafka.broker import Broker

    loaded = settings.load()
    broker = Broker(
        loaded.data_dir / "kafka", loaded.kafka_port, loaded.kafka_controller_port, loaded.kafka_heap_mb
    )
    command = broker.prepare()
    os.execv(command[0], command)  # the same process, so signals and the supervisor's watch reach Java


async def _prepare() -> None:
    """Waits for the engines, then makes topics and tables."""
    from infra.engines.kafka.broker import wait_until_answers
    from infra.migrations import runner
    from infra.supervisor.health import wait_for_warehouse

    loaded = settings.load()
    if not loaded.kafka_url:
        await wait_until_answers("127.0.0.1", loaded.kafka_port)
    await _topics(loaded)
    await wait_for_warehouse(loaded)
    await asyncio.to_thread(runner.migrate, loaded)


async def _topics(loaded: settings.Settings) -> None:
    """Makes topics. What differs is reported, not changed; with other partitions nothing may start."""
    from aiokafka.errors import KafkaError

    from infra import topics
    from infra.runtime.kafka import unreachable

    try:
        differences = await topics.ensure(loaded)
    except (KafkaError, OSError) as error:
        raise unreachable(loaded, error) from error
    for difference in differences:
        print(difference.advice, flush=True)
    if any(difference.setting == "partitions" for difference in differences):
        raise Problem("Nothing starts on these topics: hotels would be looked for where they are not.")


def _dashboard() -> None:
    _wait_for_gate()
    loaded = settings.load()
    options = {
        "server.headless": "true",
        "server.address": loaded.host,
        "server.port": str(loaded.dashboard_port),
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    os.execv(sys.executable, [sys.executable, "-m", "dashboards.serve", *flags])


def main() -> None:
    """Entry point of the supervisor's children. A Problem is one sentence on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="infra.part")
    parser.add_argument("part")
    parser.add_argument("--agents", default="")
    parser.add_argument("--index", type=int, default=0)
    given = parser.parse_args()
    try:
        run(given.part, given.agents, given.index)
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
