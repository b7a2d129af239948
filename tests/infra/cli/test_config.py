"""`concierge config`: every setting, its source, and no secret."""

from __future__ import annotations

import json
from pathlib import Path

from infra.runtime.settings import Settings
from infra.supervisor import secrets
from tests.infra.cli.test_cli import concierge


def test_every_setting_with_its_source_and_no_secret(tmp_path: Path) -> None:
    secrets.ensure(tmp_path)
    done = concierge("config", "--json", folder=tmp_path, CONCIERGE_GATEWAY_PORT="4711")
    found = json.loads(done.stdout.splitlines()[-1])["settings"]
    assert set(found) == {f"CONCIERGE_{name.upper()}" for name in Settings.model_fields}
    assert found["CONCIERGE_GATEWAY_PORT"] == {"value": "4711", "source": "environment"}
    assert found["CONCIERGE_HOST"]["source"] == "default"
    assert found["CONCIERGE_JWT_SECRET"] == {"value": "(hidden)", "source": str(tmp_path / "secrets.env")}
    for line in (tmp_path / "secrets.env").read_text().splitlines():
        assert line.partition("=")[2] not in done.stdout
