"""One attempt; the whole way through the log is in test_push.py."""

from __future__ import annotations

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.runtime.settings import Settings
from schemas.records.notifications import Notified
from streams.push_service.sender import Sender
from streams.push_service.vapid import Signer
from tests.standins.push_service import PushService, vapid_key

NOTE = Notified(
    notification_id="n",
    user_id="u",
    category="emergency",
    title="t",
    body="b",
    channels=["push"],
    expires_at=1,
)


async def test_loopback_is_refused_unless_it_was_allowed() -> None:
    signer = Signer(vapid_key(), "mailto:ops@hotel.invalid")
    async with PushService(signer.public_key) as service:
        to = service.subscribe("u", "s")
        async with Sender(Settings(), signer) as sender:
            assert (await sender.attempt(to, NOTE, 60)).meaning == "our_fault"
        assert service.attempts == 0
        async with Sender(Settings(push_allow_loopback=True), signer) as sender:
            assert (await sender.attempt(to, NOTE, 60)).status == 201
        assert service.browsers["s"].headers[0]["Urgency"] == "high"


async def test_an_endpoint_is_spoken_to_as_the_browser_gave_it() -> None:
    paths: list[str] = []

    async def take(request: web.Request) -> web.Response:
        paths.append(request.raw_path)
        return web.Response(status=201)

    app = web.Application()
    app.router.add_post("/{any:.*}", take)
    signer = Signer(vapid_key(), "mailto:ops@hotel.invalid")
    async with PushService(signer.public_key) as service, TestServer(app) as server:
        path = "/w/a%3Ab?token=BQ%2bx%2f%3d%3d"
        endpoint = f"http://127.0.0.1:{server.port}{path}"
        to = msgspec.structs.replace(service.subscribe("u", "s"), endpoint=endpoint)
        async with Sender(Settings(push_allow_loopback=True), signer) as sender:
            assert (await sender.attempt(to, NOTE, 60)).status == 201
    assert paths == [path]


async def test_an_allowed_name_with_an_inner_address_gets_no_connection() -> None:
    signer = Signer(vapid_key(), "mailto:ops@hotel.invalid")
    async with PushService(signer.public_key) as service:
        to = msgspec.structs.replace(service.subscribe("u", "s"), endpoint="https://localhost/x")
        async with Sender(Settings(push_extra_hosts="localhost"), signer) as sender:
            found = await sender.attempt(to, NOTE, 60)
    assert (found.meaning, found.status) == ("again", 0)


async def test_a_subscription_of_another_key_is_not_tried() -> None:
    signer = Signer(vapid_key(), "mailto:ops@hotel.invalid")
    async with PushService("another") as service:
        to = service.subscribe("u", "s")
        async with Sender(Settings(push_allow_loopback=True), signer) as sender:
            found = await sender.attempt(to, NOTE, 60)
    assert (found.meaning, service.attempts) == ("our_fault", 0)


async def test_a_point_that_is_not_on_the_curve_is_our_fault_not_a_crash() -> None:
    signer = Signer(vapid_key(), "mailto:ops@hotel.invalid")
    async with PushService(signer.public_key) as service:
        to = msgspec.structs.replace(service.subscribe("u", "s"), p256dh="BA" + "A" * 85)
        async with Sender(Settings(push_allow_loopback=True), signer) as sender:
            assert (await sender.attempt(to, NOTE, 60)).meaning == "our_fault"
