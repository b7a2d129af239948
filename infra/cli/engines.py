"""What commands say of an engine that is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError
from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings


@contextmanager
def reached(settings: Settings) -> Iterator[None]:
    """One sentence (Problem) where the warehouse or Kafka does not answer inside."""
    try:
        yield
    except ClickHouseError as error:
        raise Problem(
            f"The warehouse at {settings.clickhouse_address} does not answer ({str(error)[:200]}): "
            "start it with `concierge up`, or check CONCIERGE_CLICKHOUSE_URL."
        ) from error
    except (KafkaError, OSError) as error:
        raise kafka.unreachable(settings, error) from error
