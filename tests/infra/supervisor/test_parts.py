"""The table follows the settings."""

from __future__ import annotations

from infra.runtime.settings import Settings
from infra.supervisor import parts


def test_everything_embedded() -> None:
    found = parts.table(Settings(worker_agents="alerts|rooms,staff", gateways=2), ("--hotels", "1"))
    assert [part.name for part in found] == [
        "kafka", "warehouse", "prepare", "worker-0", "worker-1", "sink", "push",
        "gateway-0", "gateway-1", "dashboard", "auditor", "simulator",
    ]  # fmt: skip
    assert [part.stage for part in found] == sorted(part.stage for part in found)
    assert found[4].command[-1] == "rooms,staff"
    assert [part.env["CONCIERGE_WORKER_ID"] for part in found[3:5]] == ["0", "1"]
    listening = [port for _, _, port in parts.ports(Settings(gateways=2))]
    assert len(listening) == len(set(listening)) == 3 + 2 + 1 + 9


def test_real_engines_are_not_started_here() -> None:
    settings = Settings(kafka_url="k:9092", clickhouse_url="http://c:8123")
    names = [part.name for part in parts.table(settings, None)]
    assert not {"kafka", "warehouse", "simulator"} & set(names)
    assert all("KAFKA" not in name and "WAREHOUSE" not in name for name, _, _ in parts.ports(settings))


def test_every_process_that_has_metrics_has_a_port_for_them() -> None:
    settings = Settings()
    table = parts.table(settings, ())
    assert [part.name for part in table if not part.metrics] == ["kafka", "prepare"]
    asked = [part.metrics for part in table if part.metrics]
    assert len(set(asked)) == len(asked) == 9
    assert all(parts.supervisor_port(settings) != int(at.split(":")[2].split("/")[0]) for at in asked)


def test_ports_are_looked_at_where_the_parts_will_listen() -> None:
    settings = Settings(host="192.0.2.7", probe_host="192.0.2.8")
    listening = {setting: host for setting, host, _ in parts.ports(settings)}
    ours = {f"CONCIERGE_{name}_PORT" for name in ("WAREHOUSE", "GATEWAY", "DASHBOARD")}
    assert {setting for setting, host in listening.items() if host == "192.0.2.7"} == ours
    assert listening["CONCIERGE_PROBE_BASE_PORT"] == "192.0.2.8"
    assert listening["CONCIERGE_KAFKA_PORT"] == "127.0.0.1", "the embedded one is for this machine alone"
    pages = {part.name: part.metrics.split(":")[1] for part in parts.table(settings, ()) if part.metrics}
    assert pages.pop("gateway-0") == "//192.0.2.7"
    assert set(pages.values()) == {"//192.0.2.8"}


def test_secrets_are_not_in_argv() -> None:
    for part in parts.table(Settings(), ()):
        assert "secret" not in " ".join(part.command)
