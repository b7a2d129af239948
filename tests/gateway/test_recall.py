"""Which ids say when they were made; the rest needs a log (test_worker_answers)."""

from __future__ import annotations

import uuid

import pytest

from gateway.recall import made_at
from schemas.ids import derived_id, new_id


def test_a_uuid7_says_when_it_was_made() -> None:
    assert made_at(new_id(1_234_567_890_123)) == 1_234_567_890_123


@pytest.mark.parametrize(
    "other",
    ["", "charge-7", str(uuid.uuid4()), derived_id("a"), new_id().replace("-", "")],
    ids=["empty", "word", "uuid4", "uuid5", "without dashes"],
)
def test_other_ids_say_nothing(other: str) -> None:
    assert made_at(other) is None
