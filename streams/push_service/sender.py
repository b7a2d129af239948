"""One attempt to push one notification to one browser."""

from __future__ import annotations

import asyncio
import datetime
import time
from dataclasses import dataclass

import aiohttp
from pywebpush import WebPusher
from yarl import URL

from infra.runtime.settings import Settings
from schemas import push_services
from schemas.records.notifications import Notified
from schemas.records.people import PushSubscription
from streams.push_service.resolver import PublicResolver
from streams.push_service.vapid import Signer
from streams.rules import push
from streams.rules.retry import asked_for

TIMEOUT_S = 15.0
MAX_CIPHERTEXT = 4096


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt. `status` 0: there was no answer. `after_s`: what Retry-After asks for."""

    meaning: push.Meaning
    status: int
    detail: str = ""
    after_s: float | None = None


class Sender:
    """Shares its connections; use it as `async with`."""

    def __init__(self, settings: Settings, signer: Signer, timeout_s: float = TIMEOUT_S) -> None:
        self._hosts = push_services.hosts(settings.push_extra_hosts)
        self._loopback = settings.push_allow_loopback
        self._signer = signer
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Sender:
        # never the environment's proxy: it would connect to an address nobody checked
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=PublicResolver(), limit=64),
            timeout=self._timeout,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def attempt(self, to: PushSubscription, note: Notified, ttl_s: int) -> Result:
        """Encrypt and post once. Never raises for what the other side does."""
        assert self._session is not None, "use it as `async with`"
        if to.vapid_key != self._signer.public_key:
            return Result("our_fault", 0, "subscribed with another VAPID key")
        try:
            where = push.target(to, self._hosts, self._loopback)
            body = await asyncio.to_thread(_encrypt, to, push.payload(note, to.subscription_id))
        except ValueError as error:
            return Result("our_fault", 0, str(error)[:300])
        headers = {
            "TTL": str(ttl_s),
            "Topic": push.topic(note.link or note.notification_id),
            "Urgency": push.URGENCY[note.category],
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Authorization": self._signer.header(where.origin, int(time.time())),
        }
        try:
            # As the browser gave it: an escape written in another way is another endpoint to some services.
            url = URL(where.url, encoded=True)
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                after = asked_for(answer.headers.get("Retry-After"), datetime.datetime.now(datetime.UTC))
                return Result(push.meaning(answer.status), answer.status, after_s=after)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return Result("again", 0, type(error).__name__)


def _encrypt(to: PushSubscription, data: bytes) -> bytes:
    """ValueError: the keys are of no use, or the result is larger than every push service takes."""
    keys = {"p256dh": to.p256dh, "auth": to.auth}
    body: bytes = WebPusher({"endpoint": to.endpoint, "keys": keys}).encode(data)["body"]
    if len(body) > MAX_CIPHERTEXT:
        raise ValueError(f"{len(body)} bytes are more than {MAX_CIPHERTEXT}")
    return body
