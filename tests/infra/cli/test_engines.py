"""An engine that is away is one sentence; what is no engine's fault passes."""

from __future__ import annotations

import pytest
from aiokafka.errors import KafkaConnectionError
from clickhouse_connect.driver.exceptions import OperationalError

from infra.cli.engines import reached
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            OperationalError("no route"),
            r"The warehouse at http://127\.0\.0\.1:18123 does not answer \(no route\)",
        ),
        (KafkaConnectionError("away"), r"Kafka at 127\.0\.0\.1:19092 does not answer"),
        (OSError("away"), r"Kafka at 127\.0\.0\.1:19092 does not answer"),
    ],
)
def test_which_is_away(error: Exception, says: str) -> None:
    with pytest.raises(Problem, match=says), reached(Settings()):
        raise error


def test_anything_else_passes() -> None:
    with pytest.raises(ZeroDivisionError), reached(Settings()):
        raise ZeroDivisionError
