"""The web client: its types by tsc, its decisions by node's own test runner; both from the locked wheel."""

from __future__ import annotations

from tests.web.node import ROOT, WEB, packages, run


def test_types() -> None:
    run(packages() / "typescript" / "bin" / "tsc", "--project", "jsconfig.json")


def test_decisions() -> None:
    assert "# fail 0" in run("--test", "--test-reporter=tap", ROOT / "tests" / "web" / "test_pure.mjs")


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text()
