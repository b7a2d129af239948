"""The process as it is run: at SIGTERM it says goodbye, then ends in order."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from gateway.main import shared, take_files
from infra.runtime.problems import Problem
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


async def test_gateways_share_a_port_and_it_goes_on_while_one_of_them_leaves(
    gateway: Running, tmp_path: Path
) -> None:
    first, second, both = free_ports(3)
    more = {"CONCIERGE_GATEWAY_SHARED_PORT": str(both)}
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    async with (
        process(gateway, tmp_path / "first", first, **more) as leaving,
        process(gateway, tmp_path / "second", second, **more),
    ):
        leaving.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(leaving.wait, PATIENCE) == -signal.SIGTERM
        for _ in range(8):  # whichever the kernel would choose, it is one that is there
            async with client(replace(gateway, port=both), token("admin", "main" + new_id()[-6:])) as told:
                await told.hear("welcome")


def test_a_shared_port_that_somebody_else_has_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"CONCIERGE_GATEWAY_SHARED_PORT={port} can't be shared"):
            shared("127.0.0.1", port)


def test_a_gateway_takes_as_many_files_as_it_may_have() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard - 1), hard))
    take_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
