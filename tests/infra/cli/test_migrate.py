from __future__ import annotations

import json
import uuid

import pytest
import typer
from typer.testing import CliRunner

from infra.cli.migrate import migrate
from tests.fixtures_warehouse import Warehouse


def test_status_before_and_after(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_CLICKHOUSE_URL", warehouse.url)
    monkeypatch.setenv("CONCIERGE_CLICKHOUSE_DATABASE", f"cli_{uuid.uuid4().hex[:8]}")
    monkeypatch.setenv("CONCIERGE_CLICKHOUSE_WRITER", warehouse.writer)
    monkeypatch.setenv("CONCIERGE_CLICKHOUSE_WRITER_PASSWORD", warehouse.writer_password)
    app = typer.Typer()
    app.command()(migrate)
    before = CliRunner().invoke(app, ["--status"])
    assert before.exit_code == 1
    assert "pending" in before.output
    done = CliRunner().invoke(app, ["--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.output.splitlines()[-1])
    assert said["applied_now"][0] == "0001_create_database"
    assert {row["state"] for row in said["migrations"]} == {"applied"}
