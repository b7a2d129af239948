"""`concierge doctor` finds what is missing and says how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fixtures_kafka import free_ports
from tests.infra.cli.test_cli import concierge


def test_nothing_runs(tmp_path: Path) -> None:
    port, warehouse = free_ports(2)
    done = concierge(
        "doctor",
        "--json",
        folder=tmp_path,
        CONCIERGE_KAFKA_PORT=str(port),
        CONCIERGE_WAREHOUSE_PORT=str(warehouse),
    )
    assert done.returncode == 1
    found = {one["what"]: one for one in json.loads(done.stdout.splitlines()[-1])["findings"]}
    assert found["disk"]["well"]
    assert found["secrets"]["mend"] == "run `concierge up` once"
    assert not found["kafka"]["well"]
    assert found["warehouse"]["mend"].startswith("start it with `concierge up`, or see ")
