"""The answers of `probe.py` from a thread, for processes whose loop is not ours: dashboard, supervisor."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from infra.runtime.problems import Problem

PATIENCE_SECONDS = 10.0


@contextmanager
def serve(host: str, port: int, ready: Callable[[], str | None]) -> Iterator[int]:
    """Serves at `host` and `port` (0: any free), which it yields. `ready`: None, or why not, as a sentence;
    called in a thread. Problem if the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_SECONDS

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._say(200, generate_latest(), CONTENT_TYPE_LATEST)
                case "/healthz":
                    self._say(200, b'{"healthy": true}')
                case "/readyz":
                    reason = ready()
                    body = {"ready": reason is None, "reason": reason or ""}
                    self._say(503 if reason else 200, json.dumps(body).encode())
                case _:
                    self._say(404, b'{"error": "not found"}')

        def _say(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Who asks is no news."""

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise Problem(
            f"Port {port} for this process's probes is taken ({error.strerror}): "
            "stop what uses it, or set CONCIERGE_PROBE_PORT to another, or mend CONCIERGE_PROBE_HOST."
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
