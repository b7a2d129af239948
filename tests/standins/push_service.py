"""A push service and its browsers: checks each request as RFC 8030, 8291, 8292 say, and decrypts it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import http_ece
import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from schemas.records.people import PushSubscription


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def vapid_key() -> str:
    """A fresh private key as CONCIERGE_VAPID_PRIVATE_KEY holds it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return b64(number.to_bytes(32, "big"))


@dataclass
class Browser:
    """One subscription's secrets, and what reached it."""

    subscription_id: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    # what to answer next: a status, (status, headers), or as usual once an event is set
    orders: deque[Any] = field(default_factory=deque)


class PushService:
    """Use as `async with`. `vapid` is the public key it expects, base64url."""

    def __init__(self, vapid: str) -> None:
        self.vapid = vapid
        self.browsers: dict[str, Browser] = {}
        self.faults: list[str] = []
        self.attempts = 0
        self.redirected = 0
        self.origin = ""

    async def __aenter__(self) -> PushService:
        app = web.Application()
        app.router.add_post("/push/{id}", self._push)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def subscribe(self, user_id: str, subscription_id: str, *orders: Any) -> PushSubscription:
        browser = Browser(subscription_id, orders=deque(orders))
        self.browsers[subscription_id] = browser
        return PushSubscription(
            subscription_id=subscription_id,
            user_id=user_id,
            endpoint=f"{self.origin}/push/{subscription_id}",
            p256dh=b64(point(browser.key)),
            auth=b64(browser.auth),
            vapid_key=self.vapid,
        )

    async def _elsewhere(self, _: web.Request) -> web.Response:
        self.redirected += 1
        return web.Response(status=201)

    async def _push(self, request: web.Request) -> web.Response:
        self.attempts += 1
        browser = self.browsers[request.match_info["id"]]
        body = await request.read()
        try:
            self._check(request, body)
        except AssertionError as fault:
            self.faults.append(str(fault))
            return web.Response(status=400)
        order = browser.orders.popleft() if browser.orders else None
        if isinstance(order, asyncio.Event):
            await order.wait()
        elif order is not None:
            status, headers = order if isinstance(order, tuple) else (order, {})
            return web.Response(status=status, headers=headers)
        plain = http_ece.decrypt(body, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm")
        browser.got.append(json.loads(plain))
        browser.headers.append(dict(request.headers))
        location = f"{self.origin}/message/{self.attempts}"
        return web.Response(status=201, headers={"Location": location, "TTL": request.headers["TTL"]})

    def _check(self, request: web.Request, body: bytes) -> None:
        head = request.headers
        assert head.get("TTL", "").isdigit(), "TTL is mandatory"
        assert int(head["TTL"]) > 0, "TTL 0 drops it for an offline browser"
        assert head.get("Content-Encoding") == "aes128gcm", "encoding"
        assert head.get("Urgency") in ("very-low", "low", "normal", "high"), "urgency"
        topic = head.get("Topic", "")
        assert 0 < len(topic) <= 32, "topic length"
        assert topic.replace("-", "").replace("_", "").isalnum(), "topic characters"
        assert 0 < len(body) <= 4096, "size"
        scheme, _, rest = head.get("Authorization", "").partition(" ")
        assert scheme == "vapid", "authorization scheme"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert parts["k"] == self.vapid, "another key"
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
        claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=self.origin)
        assert 0 < claims["exp"] - time.time() <= 24 * 3600, "exp"
        assert claims["sub"].startswith(("mailto:", "https:")), "sub"
