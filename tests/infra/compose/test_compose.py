"""The production files are whole: every part, known settings, health checks, limits, nothing secret."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.part import PARTS as PARTS_OF_RUN
from infra.runtime.settings import Settings

FOLDER = Path(__file__).parents[3] / "infra" / "compose"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PARTS = {name for name, service in SERVICES.items() if "build" in service}
SETTINGS = {f"CONCIERGE_{name.upper()}" for name in Settings.model_fields}


def test_every_part_of_the_product_is_there() -> None:
    assert {"prepare", "worker-alerts", "worker", "sink", "push", "gateway", "dashboard", "auditor"} == PARTS


def test_every_agent_runs_once_and_alerts_alone() -> None:
    workers = [service["command"][-1] for name, service in SERVICES.items() if name.startswith("worker")]
    assert "|".join(sorted(workers)) == Settings.model_fields["worker_agents"].default


def test_there_may_be_any_number_of_workers_and_gateways() -> None:
    for name in ("worker", "worker-alerts", "gateway"):
        assert SERVICES[name]["deploy"]["replicas"] == 2
    for name in ("worker", "worker-alerts"):
        assert SERVICES[name]["environment"]["CONCIERGE_WORKER_ID"] == "{host}", "one id for all would not do"
    first, last = SERVICES["gateway"]["ports"][0].split(":")[1].split("-")
    assert int(last) - int(first) + 1 >= 10


def test_metrics_are_reached_from_outside_of_each_container() -> None:
    for name in PARTS - {"gateway"}:
        assert SERVICES[name]["environment"]["CONCIERGE_PROBE_HOST"] == "0.0.0.0"
        assert not any("9100" in port for port in SERVICES[name].get("ports", [])), (
            "not from outside the host"
        )


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_limited_restarted_and_checked(name: str) -> None:
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["restart"]
    assert service["healthcheck"]
    for needed in service.get("depends_on", {}):
        assert needed in SERVICES


@pytest.mark.parametrize("name", sorted(PARTS))
def test_settings_are_settings_and_secrets_stand_elsewhere(name: str) -> None:
    given = set(SERVICES[name]["environment"])
    assert given <= SETTINGS
    assert not any("SECRET" in variable or "PASSWORD" in variable for variable in given)
    assert "secrets.env" in SERVICES[name]["env_file"]


def test_the_secrets_example_names_every_secret_a_production_needs() -> None:
    lines = (FOLDER / "secrets.env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert named <= SETTINGS
    assert {"CONCIERGE_JWT_SECRET", "CONCIERGE_VAPID_PRIVATE_KEY"} <= named
    assert all(line.endswith("=") for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_part_is_a_part_that_the_command_runs(name: str) -> None:
    run, part, *_ = SERVICES[name]["command"]
    assert run == "run"
    assert part in PARTS_OF_RUN


def test_ports_open_on_loopback_only() -> None:
    for service in SERVICES.values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_the_reader_reads_only() -> None:
    root = ET.parse(FOLDER / "clickhouse-users.xml").getroot()
    assert root.findtext("profiles/reader/readonly") == "1"
    assert root.findtext("users/reader/grants/query") == "GRANT SELECT ON concierge.*"
    assert root.find("users/default").get("remove") == "1"  # type: ignore[union-attr]


def test_the_secrets_stay_out_of_the_image() -> None:
    """They lie beside the compose file, in a folder that the image takes whole."""
    ignored = (FOLDER.parents[1] / ".dockerignore").read_text().splitlines()
    assert {"**/secrets.env", "**/.concierge", "**/.venv", "**/.git", "**/node_modules"} <= set(ignored)


def test_the_image_holds_what_it_copies() -> None:
    for line in (FOLDER / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY"):
            for source in line.split()[1:-1]:
                assert (FOLDER.parents[1] / source).exists(), source
