"""A Problem is a sentence for a person, wherever it comes from."""

from __future__ import annotations

from infra.runtime.problems import Problem


def test_its_text_is_the_sentence() -> None:
    assert str(Problem("Port 1 is taken: use another.")) == "Port 1 is taken: use another."
