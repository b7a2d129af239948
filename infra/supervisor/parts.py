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
    if not settings.kafka_url:
        found.append(Part("kafka", ENGINES, _run("kafka"), health.kafka(settings.kafka_port)))
    if not settings.clickhouse_url:
        ping = health.http(f"{settings.clickhouse_address}/ping")
        probe = _probe(settings, "warehouse")
        env = {"CONCIERGE_PROBE_PORT": str(probe)}
        at = f"http://127.0.0.1:{probe}/metrics"
        found.append(Part("warehouse", ENGINES, _run("warehouse"), ping, env, metrics=at))
    found.append(Part("prepare", PREPARE, _run("prepare"), health.running, once=True))
    for number, agents in enumerate(settings.worker_agents.split("|")):
        name = f"worker-{number}"
        own = {"CONCIERGE_WORKER_ID": str(number)}
        found.append(_probed(name, _probe(settings, name), "worker", "--agents", agents, env=own))
    found += [_probed(name, _probe(settings, name), name) for name in ("sink", "push")]
    found += [_gateway(settings, index) for index in range(settings.gateways)]
    dashboard = health.http(f"http://127.0.0.1:{settings.dashboard_port}/_stcore/health")
    probe = _probe(settings, "dashboard")
    own = {"CONCIERGE_PROBE_PORT": str(probe)}
    at = f"http://127.0.0.1:{probe}/metrics"
    found.append(Part("dashboard", EXTRAS, _run("dashboard"), dashboard, own, metrics=at))
    if simulate is not None:
        command = (sys.executable, "-m", "infra.cli", "simulate", *simulate)
        found.append(Part("simulator", EXTRAS, command, health.running))
    return found


def _probe(settings: Settings, name: str) -> int:
    """The port of a process's /metrics, for all that have no other port for it."""
    workers = [f"worker-{number}" for number in range(len(settings.worker_agents.split("|")))]
    names = [*workers, "sink", "push", "warehouse", "dashboard", SUPERVISOR]
    return settings.probe_base_port + names.index(name)


def supervisor_port(settings: Settings) -> int:
    """The port of the supervisor's own /metrics."""
    return _probe(settings, SUPERVISOR)


def _probed(name: str, port: int, *arguments: str, env: Mapping[str, str] | None = None) -> Part:
    at = f"http://127.0.0.1:{port}"
    return Part(
        name,
        WORKERS,
        _run(*arguments),
        health.http(f"{at}/readyz"),
        {"CONCIERGE_PROBE_PORT": str(port), **(env or {})},
        metrics=f"{at}/metrics",
    )


def _gateway(settings: Settings, index: int) -> Part:
    at = f"http://127.0.0.1:{settings.gateway_port + index}"
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
        found.append(("CONCIERGE_WAREHOUSE_PORT", "127.0.0.1", settings.warehouse_port))
    found += [
        ("CONCIERGE_GATEWAY_PORT", settings.host, settings.gateway_port + index)
        for index in range(settings.gateways)
    ]
    found.append(("CONCIERGE_DASHBOARD_PORT", settings.host, settings.dashboard_port))
    found += [
        ("CONCIERGE_PROBE_BASE_PORT", settings.probe_host, port)
        for port in range(settings.probe_base_port, supervisor_port(settings) + 1)
    ]
    return found
