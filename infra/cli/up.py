"""`concierge up`: everything on this machine, from nothing to live."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from infra.cli.output import Json, last_line
from infra.runtime import lifecycle, settings, tokens
from infra.runtime.problems import Problem
from infra.supervisor import checks, disk, metrics, parts, secrets
from infra.supervisor.alerts import Alerts
from infra.supervisor.child import Event
from infra.supervisor.console import Console, tell
from infra.supervisor.supervisor import Supervisor


def up(
    simulate: Annotated[bool, typer.Option(help="Bring hotels to life.")] = True,
    hotels: Annotated[int, typer.Option(min=1, help="Simulated hotels.")] = 1,
    rooms: Annotated[int, typer.Option(min=1, max=2000, help="Rooms of each.")] = 60,
    speed: Annotated[float, typer.Option(min=0.1, help="Simulated seconds a second.")] = 60.0,
    gateways: Annotated[
        int | None, typer.Option(min=1, max=64, help="Instead of CONCIERGE_GATEWAYS; their ports count up.")
    ] = None,
    json: Json = False,
) -> None:
    """Start everything here, show where it is, stop it with Ctrl-C. Example: concierge up --no-simulate"""
    began = time.monotonic()
    if gateways is not None:
        os.environ["CONCIERGE_GATEWAYS"] = str(gateways)  # the parts are told, too
    found = settings.load()
    for name in settings.unknown(os.environ):
        tell(f"{name} is no setting: `concierge config` shows all there are.")
    data_dir = found.data_dir
    with checks.lock(data_dir):
        checks.free_space(data_dir)
        checks.agents(found.worker_agents)
        checks.ports(parts.ports(found))
        secrets.ensure(data_dir)
        if not found.kafka_url:
            from infra.engines.kafka import broker

            broker.get()
        simulator = ("--hotels", str(hotels), "--rooms", str(rooms), "--speed", str(speed))
        found = settings.load()  # with the secrets
        tokens.key(found)
        run = _Run(found, simulator if simulate else None, began)
        lifecycle.run(run.main, grace_seconds=120)
        if run.problem:
            raise run.problem
        if json:
            last_line({"ready_seconds": run.ready_seconds, "restarts": run.restarts})


class _Run:
    def __init__(self, found: settings.Settings, simulate: tuple[str, ...] | None, began: float) -> None:
        self.problem: Problem | None = None
        self.ready_seconds: float | None = None
        self.restarts: dict[str, int] = {}
        self._settings, self._simulate, self._began = found, simulate, began
        self._console = Console()

    async def main(self, stop: asyncio.Event) -> None:
        """Start, wait for the signal, stop. A Problem is kept for the caller until all is stopped."""
        alerts = Alerts(self._settings)
        alerts.say(Event("disk", "space", "The disk had space at the start."))  # it was looked at before

        def say(event: Event) -> None:
            alerts.say(event)
            if not (event.kind == "died" and stop.is_set()):
                self._console.line(event.sentence)

        table = parts.table(self._settings, self._simulate)
        supervisor = Supervisor(table, self._settings.data_dir, say)
        others = [
            asyncio.create_task(alerts.run()),
            asyncio.create_task(disk.watch(self._settings.data_dir, say)),
        ]
        try:
            if await _unless_stopped(stop, supervisor.start()):
                self.ready_seconds = round(time.monotonic() - self._began, 1)
                tell(f"ready in {self.ready_seconds} s")
                showing = self._console.show(supervisor.children, self._places(), self._people)
                others.append(asyncio.create_task(showing))
                port = parts.supervisor_port(self._settings)
                with metrics.served(supervisor.children, self._settings.probe_host, port):
                    await stop.wait()
        except Problem as problem:
            self.problem = problem
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await supervisor.stop()
            self.restarts = {child.part.name: child.restarts for child in supervisor.children}

    def _places(self) -> list[tuple[str, str]]:
        return [
            ("gateway", self._settings.gateway_url),
            ("dashboard", f"http://{self._settings.here}:{self._settings.dashboard_port}"),
            ("warehouse", self._settings.clickhouse_address),
            ("kafka", self._settings.kafka_bootstrap),
        ]

    def _people(self) -> list[tuple[str, str]]:
        from infra.supervisor import links

        found = []
        for person in links.PEOPLE:
            try:
                found.append((person.label, links.mint(self._settings, person)))
            except (OSError, ValueError, KeyError) as error:
                found.append((person.label, f"no sign-in link: the gateway said {error}"))
        return found


async def _unless_stopped(stop: asyncio.Event, start: Coroutine[Any, Any, None]) -> bool:
    """Awaits `start` but gives up when `stop` is set; True if it came to its end."""
    starting = asyncio.create_task(start)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return False
    starting.result()
    return True
