"""Speaks for the simulated people, through the gateway's REST interface like everyone else."""

from __future__ import annotations

import datetime
import time
from collections import Counter
from functools import partial
from typing import Any

import aiohttp

from gateway.client import Refused, Rest
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from infra.simulator import person
from infra.simulator.found import found
from infra.simulator.furnish import furnish
from infra.simulator.layout import Hotel
from infra.simulator.step import MANAGER, Actor, Step, absolute
from infra.simulator.world import Found

# A token is made anew this long before it expires.
RENEW_SECONDS = 300
GIVE_UP_SECONDS = 600
# Before the first step: who starts it beside nothing wants to know now.
START_SECONDS = 30
PAGE = 1000
PATHS = {
    "rooms": "/api/rooms",
    "services": "/api/services",
    "staff": "/api/staff",
    "chat": "/api/chat/messages",
    "alerts": "/api/alerts",
}
COMMAND_PATHS = {
    "rooms.facts": "/api/facts",
    "chat.open": "/api/chat/rooms",
    "alerts.announce": "/api/announcements",
}


class Speaker:
    """One hotel's people. Use as an async context manager. `outcomes` counts accepted and refused."""

    def __init__(self, settings: Settings, hotel: Hotel, outcomes: Counter[str]) -> None:
        self._settings = settings
        self._hotel = hotel
        self._outcomes = outcomes
        self._tokens: dict[Actor, tuple[str, float]] = {}
        self._threads: dict[str, str] = {}

    async def __aenter__(self) -> Speaker:
        self._http = aiohttp.ClientSession(self._settings.gateway_url, timeout=aiohttp.ClientTimeout(30))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def furnish(self) -> None:
        """Sets the hotel up. Problem where the gateway is away or does not take our tokens."""
        try:
            await furnish(self._rest(Actor("simulator", "system", "Simulator"), START_SECONDS), self._hotel)
        except Refused as refusal:
            if refusal.status >= 500:
                raise Problem(
                    f"The gateway at {self._settings.gateway_url} did not answer for {START_SECONDS} s: "
                    "start it with `concierge up`, or see `concierge doctor`."
                ) from refusal
            raise Problem(
                f"The gateway at {self._settings.gateway_url} refuses the simulator ({refusal.message}): "
                "is it the same data folder? See `concierge doctor`."
            ) from refusal

    async def found(self) -> tuple[datetime.date | None, Found | None]:
        """(the business date, what an earlier life left); None: nothing yet."""
        rest = self._rest(MANAGER)
        date = (await rest.get("/api/rooms", limit=1))["house"]["business_date"]
        day = datetime.date.fromisoformat(date) if date else None
        rooms = await _all(rest, "/api/rooms", "rooms")
        lists = [
            await _all(rest, "/api/rooms/reservations", "reservations", status=status)
            for status in ("in_house", "made")
        ]
        shifts = (await rest.get("/api/people", limit=PAGE))["shifts"]
        today = day or datetime.datetime.now(datetime.UTC).date()
        return day, found(rooms, lists[0], lists[1], shifts, today)

    async def say(self, step: Step) -> None:
        """One step. A refusal is an answer too, and counted; Kafka away: the same id again."""
        agent, _, command = step.command.partition(".")
        body: dict[str, Any] = absolute(step.body, int(time.time() * 1000))
        if "thread_id" in body:
            body["thread_id"] = self._threads.get(body["thread_id"], body["thread_id"])
        said = {"id": step.id, "cmd": command, "d": body}
        if command == "facts":
            said = {"id": step.id, "property_id": self._hotel.property_id, "topic": agent, **body}
        path = COMMAND_PATHS.get(step.command) or PATHS[agent]
        try:
            answer = await self._rest(step.actor).post(path, said)
        except Refused as refusal:
            if refusal.status >= 500:
                raise Problem(
                    f"The gateway at {self._settings.gateway_url} did not take a {step.command} for "
                    f"{GIVE_UP_SECONDS} s: see `concierge doctor`."
                ) from refusal
            self._outcomes["refused"] += 1
            return
        self._outcomes["accepted"] += 1
        if step.command == "chat.open":
            self._threads[step.id] = answer["thread_id"]

    def _rest(self, actor: Actor, patience: float = GIVE_UP_SECONDS) -> Rest:
        return Rest(self._http, partial(self._token, actor), patience)

    async def _token(self, actor: Actor) -> str:
        found, until = self._tokens.get(actor, ("", 0.0))
        if time.time() > until:
            found = person.token(
                self._settings,
                user_id=actor.user_id,
                role=actor.role,
                property_id=self._hotel.property_id,
                name=actor.name,
                room=actor.room_id,
                stay=actor.reservation_id,
                departments=actor.departments,
            )
            self._tokens[actor] = (found, time.time() + person.TOKEN_MINUTES * 60 - RENEW_SECONDS)
        return found


async def _all(rest: Rest, path: str, noun: str, **query: str) -> list[dict[str, Any]]:
    """Every page of a list."""
    items: list[dict[str, Any]] = []
    after = ""
    while True:
        page = await rest.get(path, after=after, limit=PAGE, **query)
        items += page[noun]
        if not page["next"]:
            return items
        after = page["next"]
