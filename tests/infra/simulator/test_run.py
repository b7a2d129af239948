"""A hotel's life on a real gateway, straight to the log."""

from __future__ import annotations

from collections import Counter

from prometheus_client import REGISTRY

from infra.runtime.metrics import SIMULATED_STEPS
from infra.simulator import run
from infra.simulator.step import Step
from tests.gateway.support import running


async def test_direct_says_every_step_and_counts_what_is_written(kafka: str) -> None:
    said, outcomes = Counter[str](), Counter[str]()

    def count(step: Step) -> None:
        said[step.command] += 1

    def counted(command: str) -> float:
        return REGISTRY.get_sample_value("concierge_simulated_steps_total", {"command": command}) or 0.0

    before = {labels[0]: counted(labels[0]) for labels in SIMULATED_STEPS._metrics}
    async with running(kafka) as gateway:
        settings = gateway.settings.model_copy(update={"gateway_port": gateway.port})
        await run.hotel(
            settings, 41, rooms=20, speed=1e6, seed=1, hours=5, direct=True, said=count, outcomes=outcomes
        )
    assert said["services.request"]
    assert outcomes["written"] >= said.total()
    assert outcomes["refused"] == 0
    assert {name: counted(name) - before.get(name, 0.0) for name in said} == said
