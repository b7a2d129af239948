"""Keys of an identity provider (JWKS, RFC 7517), followed as they rotate: who signs tokens that are not ours.

A token of an unknown key makes us ask once more, at most every ASK_MS. A key that is no more in the document
is good for nothing, after REFRESH_SECONDS at the latest. Where the provider is away the known keys go on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import aiohttp
import jwt
import msgspec
import structlog
from jwt import PyJWK

from gateway.claims import PUBLIC, Claims, UnknownKey, verify
from infra.runtime.settings import Settings

REFRESH_SECONDS = 300.0
ASK_SECONDS = 5.0
ASK_MS = 10_000
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
LEAST_RSA_BITS = 2048

log = structlog.get_logger()


class Keys:
    """Verifies tokens by the keys known now. Without `jwks_url` only our own tokens are good."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: Mapping[str, PyJWK] = {}
        self._asked_at = -ASK_MS
        self._asking = asyncio.Lock()

    async def verified(self, token: str) -> Claims:
        """The claims of a token. Unauthorized for one that is not good."""
        try:
            return verify(token, self._settings, self._known)
        except UnknownKey:
            if not await self._ask():
                raise
        return verify(token, self._settings, self._known)

    async def follow(self) -> None:
        """Asks again and again; never returns."""
        while self._settings.jwks_url:
            await self._ask()
            await asyncio.sleep(REFRESH_SECONDS)
        await asyncio.Event().wait()

    async def _ask(self) -> bool:
        """Whether there is anything new; who comes while it is asked waits for that answer."""
        if not self._settings.jwks_url:
            return False
        before = self._known
        async with self._asking:
            now = int(time.monotonic() * 1000)
            if before is self._known and now - self._asked_at >= ASK_MS:
                self._asked_at = now
                try:
                    self._known = _keys(await self._fetched())
                except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                    log.warning("the keys of tokens could not be asked for", error=repr(error))
        return self._known is not before

    async def _fetched(self) -> bytes:
        timeout = aiohttp.ClientTimeout(total=ASK_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(self._settings.jwks_url, allow_redirects=False) as found,
        ):
            if found.status != 200:
                raise ValueError(f"no document of keys: status {found.status}")
            data = b""
            async for chunk in found.content.iter_any():
                data += chunk
                if len(data) > MAX_BYTES:
                    raise ValueError(f"the document of keys is larger than {MAX_BYTES} bytes")
            return data


class _Document(msgspec.Struct):
    keys: list[dict[str, object]]


def _keys(data: bytes) -> dict[str, PyJWK]:
    """The keys that may sign tokens, by their id. ValueError where the document is none."""
    found: dict[str, PyJWK] = {}
    for one in msgspec.json.decode(data, type=_Document).keys[:MAX_KEYS]:
        kid = one.get("kid")
        if not isinstance(kid, str) or one.get("use", "sig") != "sig":
            continue
        try:
            key = PyJWK(one)
        except (jwt.PyJWTError, ValueError, TypeError) as error:  # another kind, or broken
            log.info("a key of the provider is not for us", kid=kid, error=repr(error))
            continue
        # A symmetric key in a public document would let anybody sign.
        if key.algorithm_name in PUBLIC and getattr(key.key, "key_size", LEAST_RSA_BITS) >= _least(key):
            found[kid] = key
    return found


def _least(key: PyJWK) -> int:
    return LEAST_RSA_BITS if key.algorithm_name == "RS256" else 0
