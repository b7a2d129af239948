"""The dashboard's process has probes beside its page."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from dashboards import serve
from infra.runtime.ports import free_row
from infra.runtime.settings import Settings


class Fine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def fine() -> Iterator[int]:
    """The port of something that is well."""
    with HTTPServer(("127.0.0.1", 0), Fine) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_it_is_ready_while_streamlit_and_the_warehouse_answer() -> None:
    free = free_row()
    with fine() as streamlit, fine() as warehouse:
        both = Settings(dashboard_port=streamlit, clickhouse_url=f"http://127.0.0.1:{warehouse}")
        assert serve.trouble(both) is None
        alone = both.model_copy(update={"clickhouse_url": f"http://127.0.0.1:{free}"})
        assert (serve.trouble(alone) or "").startswith("the warehouse does not answer (")
        assert (serve.trouble(both.model_copy(update={"dashboard_port": free})) or "").startswith("Streamlit")


def test_streamlit_is_what_it_runs_with_metrics_beside_it() -> None:
    port = free_row()
    code = (
        "import urllib.request as u; from streamlit.web import cli; "
        f"page = lambda: u.urlopen('http://127.0.0.1:{port}/metrics').read(); "
        "seen = lambda: b'concierge_dashboard_query_seconds' in page(); "
        "cli.main = lambda *a, **k: print(*a[0], seen()); "
        "from dashboards.serve import main; import dashboards.warehouse; main(['--server.port=1'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"CONCIERGE_PROBE_PORT": str(port), "CONCIERGE_JWT_SECRET": "k" * 32},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["run", str(serve.PAGE), "--server.port=1", "True"]
    assert serve.PAGE.is_file()


def test_a_taken_port_is_one_sentence() -> None:
    with fine() as taken:
        done = subprocess.run(
            [sys.executable, "-m", "dashboards.serve"],
            env={"CONCIERGE_PROBE_PORT": str(taken), "CONCIERGE_JWT_SECRET": "k" * 32},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"Port {taken} for this process's probes is taken")
