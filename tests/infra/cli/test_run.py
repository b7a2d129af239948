"""`concierge run` is `infra.part` with the command's frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import part
from infra.cli import run
from tests.infra.cli.test_cli import concierge


def test_it_hands_everything_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str, int]] = []
    monkeypatch.setattr(part, "run", lambda *given: seen.append(given))
    run.run("worker", agents="rooms,staff", index=2)
    assert seen == [("worker", "rooms,staff", 2)]


def test_its_help_names_every_part(tmp_path: Path) -> None:
    said = concierge("run", "--help", folder=tmp_path).stdout
    assert all(name in said for name in part.PARTS)


def test_a_gateway_has_no_negative_number(tmp_path: Path) -> None:
    done = concierge("run", "gateway", "--index", "-1", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
