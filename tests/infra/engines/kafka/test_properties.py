"""server.properties: reachable from this machine only."""

from __future__ import annotations

from pathlib import Path

from infra.engines.kafka import properties


def test_every_listener_is_on_the_loopback_address() -> None:
    text = properties.render(log_dir=Path("/d/log"), port=1111, controller_port=2222)
    values = dict(line.split("=", 1) for line in text.splitlines())
    assert values["listeners"] == "PLAINTEXT://127.0.0.1:1111,CONTROLLER://127.0.0.1:2222"
    assert values["advertised.listeners"] == "PLAINTEXT://127.0.0.1:1111"
    assert values["controller.quorum.voters"] == "1@127.0.0.1:2222"
    assert values["log.dirs"] == "/d/log"
    assert values["auto.create.topics.enable"] == "false"
