"""A gateway process: one port, one app; it says goodbye to its clients before it leaves."""

from __future__ import annotations

import resource

import uvicorn

from gateway.app import create_app
from gateway.door import Door
from gateway.headers import SecurityHeaders
from gateway.protocol import MAX_FRAME_BYTES
from gateway.state import State
from gateway.wire import Wire
from infra.runtime import logs, tokens
from infra.runtime.settings import Settings, load

DRAIN_SECONDS = 2.0


class Server(uvicorn.Server):
    """uvicorn, which on its way out asks clients to go elsewhere instead of closing them all at once."""

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # wider list
        """Stops accepting, drains, then lets uvicorn stop."""
        for server in self.servers:
            server.close()
        live = self.lifespan.state.get("live")
        if isinstance(live, State):
            live.hub.draining = True
            await live.sockets.drain(DRAIN_SECONDS)
        await super().shutdown()


def server(settings: Settings, index: int, port: int) -> Server:
    """The server of gateway `index`, not yet running."""
    config = uvicorn.Config(
        SecurityHeaders(create_app(settings, index)),
        host=settings.host,
        port=port,
        loop="uvloop",
        http=Door,
        ws=Wire,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=None,  # the protocol itself judges who is dead
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=5,
    )
    return Server(config)


def take_files() -> None:
    """As many open files as the system allows: each connection is one, and many systems begin with 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main(index: int = 0) -> None:
    """Runs gateway `index` until SIGTERM. Problem without a key for tokens."""
    settings = load()
    tokens.key(settings)
    logs.setup(f"gateway-{index}", settings)
    take_files()
    server(settings, index, settings.gateway_port + index).run()
