"""What one worker holds: parts (a decider's shell, or a folder) that read topics through one Faust app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiokafka import TopicPartition

from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Input:
    """One record of an input topic as it came; `key` and `value` are raw, `at` is its time stamp (Millis)."""

    topic: str
    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes | None


class Part(Protocol):
    """A decider's shell or a folder. Whatever it cannot handle it ends with `os._exit`: the log remembers."""

    name: str
    topics: tuple[Topic, ...]

    async def start(self) -> None:
        """Open what it needs. Called once, before Faust starts."""

    async def recover(self, partitions: set[int]) -> dict[TopicPartition, int]:
        """Forget all and rebuild these partitions from the log; for each of its input partitions, the next
        offset it needs. Called on every rebalance, before any of them is read."""

    async def run(self, inputs: Sequence[Input]) -> None:
        """Handle inputs of one topic, in the log's order per partition; those below its own next are known
        already. Returns when their effects are on the log."""

    async def stop(self) -> None:
        """Write what is pending and close."""
