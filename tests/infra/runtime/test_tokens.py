"""Claims are what was asked for; a weak key signs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.runtime import tokens
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings


def test_claims_of_a_guest() -> None:
    found = tokens.claims(
        Settings(), user_id="g", role="guest", property_id="h", now=100, minutes=2, room="101", stay="r1"
    )
    assert found.pop("jti") != tokens.claims(
        Settings(), user_id="g", role="guest", property_id="h", now=1, minutes=1
    ).pop("jti")
    assert found == {
        "iss": "concierge", "aud": "concierge-live", "sub": "g", "role": "guest", "property": "h",
        "name": "g", "departments": [], "iat": 100, "exp": 220, "room": "101", "stay": "r1",
    }  # fmt: skip


def test_a_weak_key_signs_nothing() -> None:
    with pytest.raises(Problem, match="shorter than 32 bytes"):
        tokens.sign(Settings(jwt_secret=SecretStr("short")), {})


@pytest.mark.parametrize("command", ["gateway.main", "dashboards.serve"])
def test_nothing_is_served_with_a_weak_key(command: str, tmp_path: Path) -> None:
    code = f"from {command} import main; main(*[[]] * (main.__code__.co_varnames[0] == 'flags'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"CONCIERGE_DATA_DIR": str(tmp_path), "CONCIERGE_JWT_SECRET": "short"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "CONCIERGE_JWT_SECRET is missing or shorter than 32 bytes" in done.stderr.splitlines()[-1]


def test_times_are_numbers_within_reason() -> None:
    assert (tokens.millis(1_700_000_000), tokens.millis(1.5)) == (1_700_000_000_000, 1500)
    wrong: object
    for wrong in (True, "1700000000", None, [], -1, 0, 10**30, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="not a time"):
            tokens.millis(wrong)
