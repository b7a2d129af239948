"""The process as it is run: at SIGTERM it says goodbye, then ends in order."""

from __future__ import annotations

import asyncio
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from gateway.main import take_files
from schemas.ids import new_id
from tests.fixtures_kafka import free_ports
from tests.gateway.support import Running, client, process, token
from tests.patience import PATIENCE


async def test_at_sigterm_clients_are_asked_to_go_elsewhere_and_it_ends_in_order(
    gateway: Running, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    async with process(gateway, tmp_path, port) as own:
        async with client(replace(gateway, port=port), token("admin", "main" + new_id()[-6:])) as told:
            await told.hear("welcome")
            own.send_signal(signal.SIGTERM)
            asked = await told.hear("drain")
            assert asked["jitter"] >= asked["after"] >= 0
            with pytest.raises(ConnectionClosed):
                await told.hear("never")
            assert told.ws.close_code == 4000
        # uvicorn, all done, ends by the very signal it was sent.
        said = tmp_path / "gateway.log"
        assert await asyncio.to_thread(own.wait, PATIENCE) == -signal.SIGTERM, said.read_text()[-3000:]
        assert "Application shutdown complete." in said.read_text()


def test_a_gateway_takes_as_many_files_as_it_may_have() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard - 1), hard))
    take_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
