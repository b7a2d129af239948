"""A log line has its ids and its process, and never a secret."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from infra.runtime import logs
from infra.runtime.settings import Settings

SECRET = "a-very-secret-key-of-ours"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_bound_ids_are_on_every_line_of_structlog_and_logging(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("sink", Settings())
    with structlog.contextvars.bound_contextvars(event_id="e1"):
        structlog.get_logger().info("inserted", rows=3)
        logging.getLogger("theirs").warning("from %s", "a library")
    structlog.get_logger().debug("too quiet")
    ours, theirs = lines(capsys)
    assert ours.items() >= {"event": "inserted", "rows": 3, "event_id": "e1", "process": "sink"}.items()
    assert theirs.items() >= {"event": "from a library", "event_id": "e1", "level": "warning"}.items()


def test_secrets_are_hidden_by_name_and_by_value(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("gateway", Settings(jwt_secret=SecretStr(SECRET)))
    structlog.get_logger().info(
        f"failed with {SECRET}",
        token="t",
        headers={"Authorization": "Bearer x", "host": "h"},
        items=[f"key={SECRET}", SecretStr("other")],
    )
    try:
        raise ValueError(SECRET)
    except ValueError:
        structlog.get_logger().exception("broke")
    first, second = lines(capsys)
    assert first["event"] == "failed with ***"
    assert first["token"] == "***"
    assert first["headers"] == {"Authorization": "***", "host": "h"}
    assert first["items"] == ["key=***", "***"]
    assert "ValueError: ***" in str(second["exception"])


def test_a_line_that_is_no_json_is_written_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("sink", Settings())
    broken = "\ud800"  # half a character, as a client may send it
    structlog.get_logger().info("odd", text=broken, amount=Decimal("1.10"), keys={(1, 2): 3, None: 4})
    structlog.get_logger().info("error", error=ValueError("wrong"), number=float("nan"))
    odd, error = lines(capsys)
    assert odd.items() >= {"text": broken, "amount": "1.10", "keys": {"(1, 2)": 3, "None": 4}}.items()
    assert error.items() >= {"error": "wrong", "number": None}.items()


def test_console_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("sink", Settings(log_format="console", log_level="debug"))
    structlog.get_logger().debug("hello", rows=3)
    text = capsys.readouterr().out
    assert "hello" in text
    assert "rows=3" in text


FULL = """
import logging, sys, structlog
from infra.runtime import logs
from infra.runtime.settings import Settings
logs.setup("sink", Settings())
for number in range(3_000):  # more than any buffer holds
    structlog.get_logger().info("x" * 100, number=number)
    logging.getLogger("theirs").warning("y")
print("went on", file=sys.stderr)
"""


def test_a_full_disk_loses_lines_and_stops_nothing() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", FULL], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.stderr.splitlines()[0] == "went on"
