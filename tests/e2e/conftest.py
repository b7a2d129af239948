"""The whole product for the session, as `concierge up` starts it, and browsers to look at it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from infra.runtime import tokens
from infra.runtime.settings import Settings
from infra.simulator.layout import CATALOGUE, DEPARTMENTS, hotel
from tests.fixtures_kafka import free_ports

HOTEL = hotel(0, 24)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 120
# One a process of the stack, and some to spare.
PROBES = 40


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product. `gateway`, `dashboard`: addresses; `settings`: its own, secrets included."""

    gateway: str
    dashboard: str
    settings: Settings

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """What the gateway answers to a system."""
        payload = tokens.claims(
            self.settings,
            user_id="tests",
            role="system",
            property_id="*",
            now=int(time.time()),
            minutes=5,
        )
        request = urllib.request.Request(
            self.gateway + path,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {tokens.sign(self.settings, payload)}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.load(answer)

    def link(self, user_id: str, role: str, name: str, **more: Any) -> str:
        """A link that signs this person in once."""
        body = {"user_id": user_id, "role": role, "name": name, "property_id": HOTEL.property_id, **more}
        return f"{self.gateway}/#code={self.post('/api/auth/codes', body)['code']}"

    def furnish(self) -> None:
        """A hotel of 24 rooms with its catalogue and its people."""
        settings = {
            "name": HOTEL.name,
            "time_zone": HOTEL.time_zone,
            "currency": HOTEL.currency,
            "departments": list(DEPARTMENTS),
            "emergency_phone": "112",
            "capacity": len(HOTEL.rooms),
        }
        rooms = [
            {"room_id": r.room_id, "room_type": r.room_type, "floor": r.floor, "zone_id": r.zone_id}
            for r in HOTEL.rooms
        ]
        fields = (
            "item",
            "name",
            "department",
            "priority",
            "credits",
            "accept_within_s",
            "resolve_within_s",
        )
        items = [{field: getattr(item, field) for field in fields} for item in CATALOGUE]
        self.post(
            "/api/settings",
            {"property_id": HOTEL.property_id, "property": settings, "rooms": rooms, "items": items},
        )
        people = [
            {"user_id": m.staff_id, "role": "staff", "name": m.name, "departments": [m.department]}
            for m in HOTEL.staff
        ]
        self.post("/api/people", {"property_id": HOTEL.property_id, "people": people})


def free_row(count: int) -> int:
    """The first of so many free ports in a row, below those that the kernel hands out by itself."""
    for base in random.sample(range(20_000, 32_000, count), 50):
        if all(bindable(port) for port in range(base, base + count)):
            return base
    raise RuntimeError(f"no {count} free ports in a row")


def bindable(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(address: str) -> bool:
    """Whether it says 200."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`concierge up` on free ports and a fresh folder; it must stop in order."""
    home = tmp_path_factory.mktemp("stack")
    names = ("KAFKA", "KAFKA_CONTROLLER", "WAREHOUSE", "GATEWAY", "DASHBOARD")
    ports = dict(zip(names, free_ports(len(names)), strict=True)) | {"PROBE_BASE": free_row(PROBES)}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CONCIERGE_")}
    environment |= {f"CONCIERGE_{name}_PORT": str(port) for name, port in ports.items()}
    environment["CONCIERGE_DATA_DIR"] = str(home / "data")
    log = home / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.cli", "up", "--no-simulate"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    gateway, dashboard = (f"http://127.0.0.1:{ports[name]}" for name in ("GATEWAY", "DASHBOARD"))
    deadline = time.monotonic() + START_SECONDS
    try:
        while not (answers(f"{gateway}/readyz") and answers(f"{dashboard}/_stcore/health")):
            assert process.poll() is None, log.read_text()[-4000:]
            assert time.monotonic() < deadline, log.read_text()[-4000:]
            time.sleep(0.2)
        settings = Settings(
            _env_file=home / "data" / "secrets.env",
            gateway_port=ports["GATEWAY"],
            warehouse_port=ports["WAREHOUSE"],
        )
        started = Stack(gateway, dashboard, settings)
        started.furnish()
        yield started
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0, log.read_text()[-4000:]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium: the one of CHROMIUM, else the system's, else Playwright's own.

    Closed after the last test here: while it is open, its event loop runs in the tests' own thread.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next((path for n in names if (path := shutil.which(n))), None)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=found, args=FLAGS) as opened,
    ):
        yield opened
