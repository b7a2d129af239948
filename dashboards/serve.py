"""`python -m dashboards.serve`: Streamlit with the page, and beside it this process's /metrics."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import prometheus_client

from infra.runtime.problems import Problem
from infra.runtime.settings import Settings, load

PAGE = Path(__file__).with_name("app.py")


def metrics(settings: Settings) -> int:
    """Serves /metrics from a thread; its port. Problem if that is taken."""
    try:
        server, _ = prometheus_client.start_http_server(settings.probe_port, settings.probe_host)
    except OSError as error:
        raise Problem(
            f"Port {settings.probe_port} for the dashboard's metrics is taken ({error.strerror}): "
            "stop what uses it, or set CONCIERGE_PROBE_PORT to another."
        ) from error
    return int(server.server_port)


def main(flags: Sequence[str]) -> None:
    """Serves the page until SIGTERM. `flags`: Streamlit's own."""
    try:
        metrics(load())
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    from streamlit.web import cli

    cli.main(["run", str(PAGE), *flags], prog_name="streamlit")


if __name__ == "__main__":
    main(sys.argv[1:])
