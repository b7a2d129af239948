"""The web client: its types by tsc, its decisions by node's own test runner; both from the locked wheel."""

from __future__ import annotations

import pytest

from tests.web.node import ROOT, WEB, packages, run


def test_types() -> None:
    run(packages() / "typescript" / "bin" / "tsc", "--project", "jsconfig.json")


@pytest.mark.parametrize("name", ["test_http.mjs", "test_pure.mjs", "test_shared.mjs"])
def test_decisions(name: str) -> None:
    assert "# fail 0" in run("--test", "--test-reporter=tap", ROOT / "tests" / "web" / name)


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text()
