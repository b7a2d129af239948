"""The import contracts name every part of the house, so that a new one is not free of them by being new."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ROOMS = {"schemas", "streams", "gateway", "dashboards", "infra"}
LINTER: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def contract(name: str) -> dict[str, Any]:
    """The contract of that name."""
    (found,) = [one for one in LINTER["contracts"] if one["name"] == name]
    return found  # type: ignore[no-any-return]  # TOML


def of_infra() -> set[str]:
    """Every module and package of `infra` with Python in it, but the runtime, which is for all."""
    found = {path.stem for path in (ROOT / "infra").glob("*.py")} - {"__init__"}
    found |= {path.parent.name for path in (ROOT / "infra").glob("*/__init__.py")}
    return {f"infra.{name}" for name in found - {"runtime"}}


def test_every_room_is_looked_at() -> None:
    assert set(LINTER["root_packages"]) == ROOMS
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == ROOMS | {"tests"}


def test_of_infra_everything_but_the_runtime_is_for_nobody() -> None:
    rooms = contract("of infra, the rooms import the runtime only")
    assert set(rooms["source_modules"]) == ROOMS - {"schemas", "infra"}
    assert set(rooms["forbidden_modules"]) == of_infra()
    runtime = contract("the runtime imports schemas only")
    assert set(runtime["forbidden_modules"]) == of_infra() | ROOMS - {"schemas", "infra"}


def test_the_other_arrows() -> None:
    assert set(contract("schemas import nothing of ours")["forbidden_modules"]) == ROOMS - {"schemas"}
    alone = contract("streams, gateway and dashboards do not know each other")
    assert (alone["type"], set(alone["modules"])) == ("independence", ROOMS - {"schemas", "infra"})
    assert {"infra", "aiokafka", "faust", "asyncio"} <= set(
        contract("rules are pure: no I/O")["forbidden_modules"]
    )
