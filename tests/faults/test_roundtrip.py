"""After all the faults the product still answers: the bench of round trips, small."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

from infra.bench import roundtrip
from infra.bench.stack import Stack
from tests.patience import PATIENCE


def lines(stack: Stack, part: str, event: str) -> Iterator[dict[str, Any]]:
    """What this part's log says of this event."""
    for line in (stack.data_dir / "logs" / f"{part}.log").read_text().splitlines():
        if line.startswith("{") and (found := json.loads(line))["event"] == event:
            yield found


def untraced(stack: Stack, asked: list[dict[str, Any]]) -> list[str]:
    """Commands of which a step is not in the logs: answered, told to somebody, written to the tables."""
    answers = {one["causation_id"]: one for one in lines(stack, "worker-1", "answered")}
    told = {one["causation_id"] for one in lines(stack, "gateway-0", "told") if one["heard"]}
    written = list(lines(stack, "sink", "written"))
    missing = []
    for command in asked:
        answer = answers.get(command["command_id"])
        in_tables = answer and any(
            (one["topic"], one["partition"]) == ("services", answer["partition"])
            and one["first_offset"] <= answer["offset"] < one["next_offset"]
            for one in written
        )
        if not in_tables or command["command_id"] not in told:
            missing.append(command["command_id"])
    return missing


async def test_every_command_comes_back_as_an_event(stack: Stack) -> None:
    result = await roundtrip.measure(stack.settings, pairs=5, rate=20, seconds=1, warm=5)
    figures = result.figures
    assert (figures["commands"], figures["missing"], figures["sockets"]) == (25, 0, 10)
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert result.ratios.keys() == result.baseline.keys() == {"p50_ms", "p99_ms"}
    # One id leads through the logs, from the command to the screens and to the tables.
    asked = [one for one in lines(stack, "gateway-0", "sent") if one["topic"] == "services.commands"][-25:]
    assert len(asked) == 25
    deadline = time.monotonic() + PATIENCE
    while missing := await asyncio.to_thread(untraced, stack, asked):
        assert time.monotonic() < deadline, missing
        await asyncio.sleep(0.2)
