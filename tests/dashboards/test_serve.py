"""The dashboard's process has metrics beside its page."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request

import pytest

from dashboards import serve
from infra.runtime import metrics
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings


def test_its_queries_are_measured() -> None:
    metrics.DASHBOARD_QUERY_SECONDS.labels("ok").observe(0.01)
    port = serve.metrics(Settings())
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        assert b'concierge_dashboard_query_seconds_count{outcome="ok"}' in answer.read()


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=rf"Port {port} .* is taken .* CONCIERGE_PROBE_PORT"):
            serve.metrics(Settings(probe_port=port))


def test_streamlit_is_what_it_runs() -> None:
    code = "from streamlit.web import cli; cli.main = lambda *a, **k: print(*a[0]); "
    code += "from dashboards.serve import main; main(['--server.port=1'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["run", str(serve.PAGE), "--server.port=1"]
    assert serve.PAGE.is_file()
