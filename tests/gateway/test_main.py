"""The process as it is run: at SIGTERM it says goodbye, then ends in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from schemas.ids import new_id
from tests.fixtures_kafka import free_ports
from tests.gateway.support import SECRET, Running, client, token
from tests.patience import PATIENCE


async def test_at_sigterm_clients_are_asked_to_go_elsewhere_and_it_ends_in_order(
    gateway: Running, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    env = os.environ | {
        "CONCIERGE_KAFKA_URL": gateway.settings.kafka_url, "CONCIERGE_JWT_SECRET": SECRET,
        "CONCIERGE_GATEWAY_PORT": str(port), "CONCIERGE_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    command = [sys.executable, "-c", "from gateway.main import main; main()"]
    log = tmp_path / "gateway.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output)
    one = replace(gateway, port=port)
    try:
        deadline = time.monotonic() + PATIENCE
        async with one.web() as web:
            while True:
                assert process.poll() is None, log.read_text()[-3000:]
                assert time.monotonic() < deadline, "it never got ready"
                try:
                    if (await web.get("/readyz")).status_code == 200:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        async with client(one, token("admin", "main" + new_id()[-6:])) as told:
            await told.hear("welcome")
            process.send_signal(signal.SIGTERM)
            asked = await told.hear("drain")
            assert asked["jitter"] >= asked["after"] >= 0
            with pytest.raises(ConnectionClosed):
                await told.hear("never")
            assert told.ws.close_code == 4000
        # uvicorn, all done, ends by the very signal it was sent.
        assert await asyncio.to_thread(process.wait, PATIENCE) == -signal.SIGTERM, log.read_text()[-3000:]
        assert "Application shutdown complete." in log.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
