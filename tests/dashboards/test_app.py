"""The page without a session: it says what to do and asks the warehouse nothing."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).parents[2] / "dashboards" / "app.py"


def test_without_a_session_nothing_is_shown() -> None:
    page = AppTest.from_file(str(PAGE), default_timeout=20).run()
    assert not page.exception
    assert page.info
    assert not page.subheader
    assert not page.metric
