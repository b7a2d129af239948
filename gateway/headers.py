"""What every response says to browsers: run our scripts only, sit in nobody's frame; who may read it."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The elements' templates carry a few style attributes; scripts have no such exception.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "manifest-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Pages of other origins may embed the elements and speak for the token they hold. `*` never goes with
# cookies, so a session cannot be borrowed.
OPEN_PATHS = ("/api/", "/js/", "/socket.io/")
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Expose-Headers": "retry-after, stale-since, ratelimit, ratelimit-policy",
    "Access-Control-Max-Age": "600",
}


class SecurityHeaders:
    """ASGI middleware: the headers on every HTTP response, errors too; sockets pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = HEADERS | OPEN if scope["path"].startswith(OPEN_PATHS) else HEADERS

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in said.items():
                    headers.setdefault(name, value)
            await send(message)

        asks = scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope)
        app = Response(status_code=204) if asks and said is not HEADERS else self._app
        await app(scope, receive, with_headers)
