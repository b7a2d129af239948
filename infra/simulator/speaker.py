"""Speaks for the simulated people, through the gateway's REST interface like everyone else."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp

from infra.runtime import tokens
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator.layout import CATALOGUE, DEPARTMENTS, Hotel
from infra.simulator.step import Actor, Step, member_actor

TOKEN_MINUTES = 60
# A token is made anew this long before it expires.
RENEW_SECONDS = 300
GIVE_UP_SECONDS = 600
PATHS = {
    "rooms": "/api/rooms",
    "services": "/api/services",
    "staff": "/api/staff",
    "chat": "/api/chat/messages",
}
ALERT_PATHS = {"announce": "/api/announcements"}


class Speaker:
    """One hotel's people. Use as an async context manager."""

    def __init__(self, settings: Settings, hotel: Hotel) -> None:
        self._settings = settings
        self._hotel = hotel
        self._tokens: dict[Actor, tuple[str, float]] = {}
        self._threads: dict[str, str] = {}
        self.outcomes: dict[str, int] = {"accepted": 0, "refused": 0}

    async def __aenter__(self) -> Speaker:
        self._http = aiohttp.ClientSession(self._settings.gateway_url, timeout=aiohttp.ClientTimeout(30))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    def _token(self, actor: Actor) -> str:
        found, until = self._tokens.get(actor, ("", 0.0))
        if time.time() > until - RENEW_SECONDS:
            payload = tokens.claims(
                self._settings,
                user_id=actor.user_id,
                role=actor.role,
                property_id=self._hotel.property_id,
                now=int(time.time()),
                minutes=TOKEN_MINUTES,
                name=actor.name,
                room=actor.room_id,
                stay=actor.reservation_id,
                departments=actor.departments,
            )
            found = tokens.sign(self._settings, payload)
            self._tokens[actor] = (found, time.time() + TOKEN_MINUTES * 60)
        return found

    async def furnish(self) -> None:
        """Set the hotel up: itself, rooms, catalogue, the names of its staff. Again changes nothing."""
        hotel, actor = self._hotel, Actor("simulator", "system", "Simulator")
        rooms = [
            {"room_id": r.room_id, "room_type": r.room_type, "floor": r.floor, "zone_id": r.zone_id}
            for r in hotel.rooms
        ]
        fields = ("item", "name", "department", "priority", "credits", "accept_within_s", "resolve_within_s")
        items = [{field: getattr(item, field) for field in fields} for item in CATALOGUE]
        about = {
            "name": hotel.name,
            "time_zone": hotel.time_zone,
            "currency": hotel.currency,
            "departments": list(DEPARTMENTS),
            "capacity": len(hotel.rooms),
        }
        change = {"property_id": hotel.property_id, "property": about, "rooms": rooms, "items": items}
        await self._post("/api/settings", actor, change)
        staff = [member_actor(hotel, member.staff_id) for member in hotel.staff]
        people = [
            {"user_id": a.user_id, "role": a.role, "name": a.name, "departments": list(a.departments)}
            for a in staff
        ]
        await self._post("/api/people", actor, {"property_id": hotel.property_id, "people": people})

    async def say(self, step: Step) -> None:
        """One step. A refusal is an answer too, and counted; Kafka away: the same id again."""
        agent, _, command = step.command.partition(".")
        if command == "facts":
            await self._post("/api/facts", step.actor, self._intake(step))
            return
        body = dict(step.body)
        now = int(time.time() * 1000)
        for relative, absolute in (("ends_in_s", "ends_at"), ("shown_for_s", "until")):
            if relative in body:
                body[absolute] = now + int(body.pop(relative) * 1000)
        if "thread_id" in body:
            body["thread_id"] = self._threads.get(body["thread_id"], body["thread_id"])
        path = PATHS.get(agent) or ALERT_PATHS.get(command, "/api/alerts")
        if step.command == "chat.open":
            path = "/api/chat/rooms"
        answer = await self._post(path, step.actor, {"id": step.id, "cmd": command, "d": body})
        if step.command == "chat.open" and "thread_id" in answer:
            self._threads[step.id] = answer["thread_id"]

    def _intake(self, step: Step) -> dict[str, Any]:
        now = int(time.time() * 1000)
        facts = [{"occurred_at": now + place, **fact} for place, fact in enumerate(step.body["facts"])]
        return {
            "id": step.id,
            "property_id": self._hotel.property_id,
            "topic": "rooms",
            "source_system": step.body["source_system"],
            "facts": facts,
        }

    async def _post(self, path: str, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while True:
            headers = {"Authorization": f"Bearer {self._token(actor)}"}
            try:
                async with self._http.post(path, json=body, headers=headers) as response:
                    if response.status < 500 and response.status != 429:
                        return await self._read(response, path)
                    wait = float(response.headers.get("Retry-After", "1"))
            except aiohttp.ClientError:
                wait = 1.0
            if time.monotonic() > deadline:
                raise Problem(
                    f"The gateway at {self._settings.gateway_url} did not take a {path} for "
                    f"{GIVE_UP_SECONDS} s: see `concierge doctor`."
                )
            await asyncio.sleep(wait)

    async def _read(self, response: aiohttp.ClientResponse, path: str) -> dict[str, Any]:
        found: dict[str, Any] = await response.json()
        if response.status in (401, 404) and path == "/api/settings":
            raise Problem(f"The gateway refuses the simulator: {found}. Is it the same data folder?")
        self.outcomes["accepted" if response.status < 300 else "refused"] += 1
        return found
