"""Sign-in links carry a one-time code that the gateway made, in the fragment, which no server sees."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest

from infra.runtime.settings import Settings
from infra.supervisor import links

SECRET = "s" * 32


def test_each_person_gets_a_link_of_a_code() -> None:
    asked: list[tuple[str, dict[str, Any], str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, body, self.headers["Authorization"].removeprefix("Bearer ")))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"code": "one-time"}')

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings = Settings(
            gateway_port=server.server_port, public_url="https://hotel.example", jwt_secret=SECRET
        )
        found = [links.mint(settings, person) for person in links.PEOPLE]
        server.shutdown()
        thread.join()
    assert set(found) == {"https://hotel.example/#code=one-time"}
    path, body, token = asked[0]
    assert path == "/api/auth/codes"
    assert (body["role"], body["property_id"]) == ("guest", links.DEMO_PROPERTY)
    claims = jwt.decode(token, SECRET, ["HS256"], audience="concierge-live")
    assert claims["role"] == "system"


def test_a_gateway_that_is_away_is_an_os_error() -> None:
    with pytest.raises(OSError, match="refused"):
        links.mint(Settings(gateway_port=1, jwt_secret=SECRET), links.PEOPLE[0])
