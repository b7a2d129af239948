"""A gateway process: one port, one app; it says goodbye to its clients before it leaves."""

from __future__ import annotations

import resource
import socket

import uvicorn

from gateway.app import create_app
from gateway.door import Door
from gateway.headers import SecurityHeaders
from gateway.state import State
from gateway.wire import Wire
from infra.runtime import logs, tokens
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings, load


class Server(uvicorn.Server):
    """uvicorn, which on its way out asks clients to go elsewhere instead of closing them all at once."""

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # wider list
        """Stops accepting, drains, then lets uvicorn stop."""
        for server in self.servers:
            server.close()
        live = self.lifespan.state.get("live")
        if isinstance(live, State):
            live.hub.draining = True
            await live.sockets.drain()
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
        # One somewhat over the protocol's own bound still arrives, so that its client is told why it must go.
        ws_max_size=2 * settings.socket_frame_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # beats carry them, and the protocol itself judges who is dead
        ws_ping_timeout=None,
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
    one = server(settings, index, settings.gateway_port + index)
    if settings.gateway_shared_port is None:
        one.run()
    else:
        one.run(sockets=[one.config.bind_socket(), shared(settings.host, settings.gateway_shared_port)])


def shared(host: str, port: int) -> socket.socket:
    """Bound beside other processes' sockets on this port: the kernel gives each some of who connects.

    Problem where somebody else has the port, or the system has no such ports.
    """
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((host, port))
    except (AttributeError, OSError) as error:
        found.close()
        raise Problem(f"CONCIERGE_GATEWAY_SHARED_PORT={port} can't be shared on {host}: {error}.") from error
    return found
