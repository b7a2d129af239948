"""`python -m dashboards.serve`: Streamlit with the page, and beside it this process's probes."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from infra.runtime import probe_thread, tokens
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings, load

PAGE = Path(__file__).with_name("app.py")
ASK_SECONDS = 3.0


def trouble(settings: Settings) -> str | None:
    """For /readyz: None, or why the page can show nothing now."""
    asked = (
        ("Streamlit", f"http://{settings.here}:{settings.dashboard_port}/_stcore/health"),
        ("the warehouse", f"{settings.clickhouse_address}/ping"),
    )
    for name, url in asked:
        try:
            with urllib.request.urlopen(url, timeout=ASK_SECONDS):  # noqa: S310  # http addresses of settings
                pass
        except (OSError, ValueError) as error:
            return f"{name} does not answer ({getattr(error, 'reason', error)})"
    return None


def main(flags: Sequence[str]) -> None:
    """Serves the page until SIGTERM. `flags`: Streamlit's own."""
    settings = load()
    try:
        tokens.key(settings)
        with probe_thread.serve(settings.probe_host, settings.probe_port, lambda: trouble(settings)):
            from streamlit.web import cli

            cli.main(["run", str(PAGE), *flags], prog_name="streamlit")
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main(sys.argv[1:])
