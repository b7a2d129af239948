"""A hotel that the running gateway knows, for tests of what REST says of it to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.readmodel.hotel import Hotel
from schemas.ids import new_id
from schemas.records.settings import PropertySettings
from tests.gateway.support import Running, token

GUEST = ("guest", {"room": "101"})
KEEPER = ("staff", {"departments": ["housekeeping"]})
DESK = ("staff", {"departments": ["front_desk"]})
MANAGER: tuple[str, dict[str, Any]] = ("manager", {})
ADMIN: tuple[str, dict[str, Any]] = ("admin", {})
Who = tuple[str, dict[str, Any]]


class House:
    """A hotel of its own: its read model, and REST as somebody in it."""

    def __init__(self, web: httpx.AsyncClient, gateway: Running, own: str) -> None:
        self.own, self.gateway, self._web = own, gateway, web
        self.model: Hotel = gateway.live.model.of(own)

    async def ask(self, who: Who, method: str, path: str, **more: Any) -> httpx.Response:
        role, claims = who
        head = {"Authorization": "Bearer " + token(role, self.own, **claims)}
        return await self._web.request(method, path, headers=head, **more)

    async def get(self, who: Who, path: str, **params: Any) -> dict[str, Any]:
        """The body of a good answer."""
        answer = await self.ask(who, "GET", path, params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refused(self, who: Who, method: str, path: str, **more: Any) -> tuple[int, str]:
        """(status, code) of a no."""
        answer = await self.ask(who, method, path, **more)
        return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
async def house(gateway: Running) -> AsyncIterator[House]:
    async with gateway.web() as web:
        one = House(web, gateway, "house" + new_id()[-6:])
        one.model.property = PropertySettings(
            name="H", time_zone="Europe/Lisbon", currency="EUR",
            departments=["housekeeping", "front_desk"], emergency_phone="999",
        )  # fmt: skip
        yield one


def command(cmd: str, d: dict[str, Any] | None = None) -> dict[str, Any]:
    """A body of POST."""
    return {"id": new_id(), "cmd": cmd, "d": d or {}}
