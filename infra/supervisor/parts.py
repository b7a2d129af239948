"""The table of parts: what runs on this machine, in which order, and how one knows that it is ready. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.runtime.settings import Settings
from infra.supervisor import health

ENGINES, PREPARE, WORKERS, GATEWAYS, EXTRAS = range(5)
"""Stages. Up to GATEWAYS all are started at once and wait for engines themselves; they stop in reverse."""

SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Part:
    """One child process. `once`: it does its work and ends with 0. `metrics`: its /metrics, "" if none."""

    name: str
    stage: int
    command: tuple[str, ...]
    ready: health.Check
    env: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    metrics: str = ""


def _run(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "infra.part", *arguments)


def table(settings: Settings, simulate: tuple[str, ...] | None) -> list[Part]:
    """All parts in starting order. `simulate`: arguments of the simulator; None: no simulator."""
    found = []
    probes = {name: _Probe(settings.probe_here, port) for name, port in _probes(settings).items()}
    if not settings.kafka_url:
        found.append(Part("kafka", ENGINES, _run("kafka"), health.kafka(settings.kafka_port)))
    if not settings.clickhouse_url:
        ping = health.http(f"{settings.clickhouse_address}/ping")
        found.append(probes["warehouse"].part("warehouse", ENGINES, _run("warehouse"), ping))
    found.append(Part("prepare", PREPARE, _run("prepare"), health.running, once=True))
    for number, agents in enumerate(settings.worker_agents.split("|")):
        name, command = f"worker-{number}", _run("worker", "--agents", agents)
        own = {"CONCIERGE_WORKER_ID": str(number)}
        found.append(probes[name].part(name, WORKERS, command, env=own))
    found += [probes[name].part(name, WORKERS, _run(name)) for name in ("sink", "push")]
    found += [_gateway(settings, index) for index in range(settings.gateways)]
    alive = health.http(f"http://{settings.here}:{settings.dashboard_port}/_stcore/health")
    found.append(probes["dashboard"].part("dashboard", EXTRAS, _run("dashboard"), alive))
    found.append(probes["auditor"].part("auditor", EXTRAS, _run("auditor")))
    if simulate is not None:
        command = (sys.executable, "-m", "infra.cli", "simulate", *simulate)
        found.append(probes["simulator"].part("simulator", EXTRAS, command))
    return found


def _probes(settings: Settings) -> dict[str, int]:
    """The port of each process's /metrics at `probe_host`, for all that have no other port for it."""
    workers = [f"worker-{number}" for number in range(len(settings.worker_agents.split("|")))]
    names = [*workers, "sink", "push", "warehouse", "dashboard", SUPERVISOR, "simulator", "auditor"]
    return {name: settings.probe_base_port + place for place, name in enumerate(names)}


def supervisor_port(settings: Settings) -> int:
    """The port of the supervisor's own /metrics."""
    return _probes(settings)[SUPERVISOR]


@dataclass(frozen=True, slots=True)
class _Probe:
    """Where a part serves /metrics, and /readyz where it has one."""

    host: str
    port: int

    def part(
        self,
        name: str,
        stage: int,
        command: tuple[str, ...],
        ready: health.Check | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Part:
        """`ready`: of one that is asked elsewhere whether it is ready."""
        at = f"http://{self.host}:{self.port}"
        own = {"CONCIERGE_PROBE_PORT": str(self.port), **(env or {})}
        return Part(name, stage, command, ready or health.http(f"{at}/readyz"), own, metrics=f"{at}/metrics")


def _gateway(settings: Settings, index: int) -> Part:
    at = f"http://{settings.here}:{settings.gateway_port + index}"
    command = _run("gateway", "--index", str(index))
    return Part(f"gateway-{index}", GATEWAYS, command, health.http(f"{at}/readyz"), metrics=f"{at}/metrics")


def ports(settings: Settings) -> list[tuple[str, str, int]]:
    """(setting, address, port) of every port that `table`'s parts listen on."""
    found = []
    if not settings.kafka_url:
        found += [
            ("CONCIERGE_KAFKA_PORT", "127.0.0.1", settings.kafka_port),
            ("CONCIERGE_KAFKA_CONTROLLER_PORT", "127.0.0.1", settings.kafka_controller_port),
        ]
    if not settings.clickhouse_url:
        found.append(("CONCIERGE_WAREHOUSE_PORT", settings.host, settings.warehouse_port))
    found += [
        ("CONCIERGE_GATEWAY_PORT", settings.host, settings.gateway_port + index)
        for index in range(settings.gateways)
    ]
    if settings.gateway_shared_port is not None:
        found.append(("CONCIERGE_GATEWAY_SHARED_PORT", settings.host, settings.gateway_shared_port))
    found.append(("CONCIERGE_DASHBOARD_PORT", settings.host, settings.dashboard_port))
    found += [("CONCIERGE_PROBE_BASE_PORT", settings.probe_host, port) for port in _probes(settings).values()]
    return found
