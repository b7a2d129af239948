"""With --json the last line is one object, whatever is in it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from infra.cli import output


def test_one_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.last_line({"text": "two\nlines", "path": Path("/data"), "money": Decimal("1.50")})
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"text": "two\nlines", "path": "/data", "money": "1.50"}
