"""The warehouse process: `python -m infra.engines.warehouse`. SIGTERM ends it in order."""

from __future__ import annotations

import functools
import sys
from asyncio import Event
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from infra.engines.warehouse import door, wall
from infra.engines.warehouse.accounts import Account, Accounts
from infra.engines.warehouse.bodies import STALL_SECONDS
from infra.engines.warehouse.config import READER, WRITER, Limits
from infra.engines.warehouse.lock import FolderLock
from infra.runtime import lifecycle, logs, probe, settings
from infra.runtime.problems import Problem

DRAIN_SECONDS = 5.0


def main(stall: float = STALL_SECONDS, drain: float = DRAIN_SECONDS) -> int:
    """Serves until SIGTERM or SIGINT. Returns the exit code.

    `stall`: seconds a body may be silent; `drain`: seconds queries get to end by themselves.
    """
    lifecycle.supervised()
    loaded = settings.load()
    logs.setup("warehouse", loaded)
    wall.empty_pockets()
    try:
        folder = Path(loaded.data_dir).absolute() / "warehouse"
        lifecycle.run(functools.partial(_serve, loaded, folder, stall, drain))
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    return 0


async def _serve(loaded: settings.Settings, folder: Path, stall: float, drain: float, stop: Event) -> None:
    accounts = Accounts(
        (
            _account(loaded.clickhouse_writer, loaded.clickhouse_writer_password.get_secret_value(), WRITER),
            _account(loaded.clickhouse_reader, loaded.clickhouse_reader_password.get_secret_value(), READER),
        )
    )
    lock = FolderLock(folder)
    walled = wall.rise(folder)
    # Loaded behind the wall, for the engine's library begins threads at once.
    from infra.engines.warehouse.engine import Engine
    from infra.engines.warehouse.server import Server

    limits = Limits(
        loaded.warehouse_memory_mb << 20,
        loaded.warehouse_query_memory_mb << 20,
        loaded.warehouse_query_seconds,
        loaded.warehouse_connections,
    )
    engine = Engine(folder, loaded.clickhouse_database, limits)
    server = Server(engine, accounts, loaded.warehouse_body_mb << 20, stall)
    taken = Problem(
        f"Port {loaded.warehouse_port} of {loaded.host} is taken: stop what uses it, "
        "or set CONCIERGE_WAREHOUSE_PORT to another one."
    )
    try:
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(
                    door.serve(server.app(), loaded.host, loaded.warehouse_port, server.places)
                )
            except OSError as problem:
                raise taken from problem
            await stack.enter_async_context(
                probe.serve(loaded, lambda: "stopping" if stop.is_set() else None)
            )
            structlog.get_logger().info(
                "ready", port=loaded.warehouse_port, engine=engine.version, landlock=walled
            )
            await stop.wait()
            await server.drain(drain)
    finally:
        engine.close()
        lock.release()


def _account(user: str, password: str, role: str) -> Account:
    if not password:
        raise Problem(
            f"The warehouse's user {user} has no password: set CONCIERGE_CLICKHOUSE_{role.upper()}_PASSWORD, "
            "or let `concierge up` make one."
        )
    return Account.of(user, password, role)


if __name__ == "__main__":
    sys.exit(main())
