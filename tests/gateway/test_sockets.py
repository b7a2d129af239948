"""A revocation shuts whom it names and nobody else; a drain asks first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway import sockets as gateway_sockets
from gateway.claims import Claims, verify
from gateway.sockets import LEAVE_TURN_MS, Sockets
from schemas.records.settings import Revocation
from tests.gateway.support import settings_for, token


class Open:
    """A connection that notes what is done to it."""

    def __init__(self, claims: Claims, sockets: Sockets, leaves: bool = False) -> None:
        self.claims, self.done = claims, list[tuple[int, str]]()
        self._sockets, self._leaves = sockets, leaves
        self.told = list[dict[str, Any]]()
        sockets.add(self)

    def control(self, frame: dict[str, Any]) -> None:
        self.told.append(frame)

    def recheck(self) -> None:
        self.done.append((0, "recheck"))

    def shut(self, code: int, reason: str) -> None:
        self.done.append((code, reason))
        self._sockets.remove(self)

    def drain(self, jitter_ms: int) -> None:
        self.done.append((0, f"jitter {jitter_ms}"))
        if self._leaves:
            self._sockets.remove(self)


def claims(**more: Any) -> Claims:
    return verify(token("staff", **more), settings_for("127.0.0.1:1"))


@pytest.mark.parametrize("kind", ["token", "user", "property"])
def test_a_revocation_shuts_what_it_names(kind: str) -> None:
    sockets = Sockets(3)
    one = Open(claims(sub="anna"), sockets)
    other = Open(claims(sub="anna", property_id="h2"), sockets)
    own = {"token": one.claims.token_id, "user": "anna", "property": "h"}[kind]
    at = one.claims.issued_at
    sockets.revoked("h", Revocation(kind=kind, id=own, before=at))  # type: ignore[arg-type]  # a Literal by its text
    assert one.done == [], "issued at that moment or later stays good"
    sockets.revoked("h", Revocation(kind=kind, id=own, before=at + 1))  # type: ignore[arg-type]  # as above
    assert (one.done, other.done) == ([(4403, "revoked")], [])


def test_only_guests_of_that_hotel_are_looked_at_when_somebody_moves() -> None:
    sockets, settings = Sockets(3), settings_for("127.0.0.1:1")
    guest = Open(verify(token("guest", "h", room="101"), settings), sockets)
    others = [Open(verify(token("guest", "h2"), settings), sockets), Open(claims(), sockets)]
    sockets.moved("h")
    assert guest.done == [(0, "recheck")]
    assert not any(one.done for one in others)


async def test_a_drain_asks_all_and_shuts_who_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_sockets, "LEAVE_SECONDS", 0.1)
    sockets = Sockets(3)
    polite, stubborn = Open(claims(), sockets, leaves=True), Open(claims(), sockets)
    await sockets.drain()
    assert polite.done == [(0, f"jitter {LEAVE_TURN_MS}")]
    assert stubborn.done == [(0, f"jitter {LEAVE_TURN_MS}"), (4000, "drain")]


@pytest.mark.parametrize(("clients", "seconds"), [(40, 0.2), (400, 0.5)])
async def test_clients_leave_one_after_the_other_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, clients: int, seconds: float
) -> None:
    monkeypatch.setattr(gateway_sockets, "LEAVE_MOST_SECONDS", 0.5)
    loop, times, sockets = asyncio.get_running_loop(), list[float](), Sockets(3)

    class Timed(Open):
        def drain(self, jitter_ms: int) -> None:
            times.append(loop.time())
            super().drain(jitter_ms)

    for number in range(clients):
        Timed(claims(sub=f"user-{number}"), sockets, leaves=True)
    began = loop.time()
    await sockets.drain()
    each = seconds / clients
    assert len(times) == clients
    early = [at - began - number * each for number, at in enumerate(times)]
    assert min(early) >= -LEAVE_TURN_MS / 1000 - 1e-6, "nobody long before their turn"


def test_one_person_has_so_many_and_a_further_one_takes_the_place_of_the_oldest() -> None:
    sockets = Sockets(3)
    own = [Open(claims(sub="anna"), sockets) for _ in range(3)]
    other = Open(claims(sub="anna", property_id="h2"), sockets)
    assert not any(one.done for one in own)
    own.append(Open(claims(sub="anna"), sockets))
    assert own[0].done == [(4409, "superseded")]
    assert not any(one.done for one in [*own[1:], other])


def test_all_are_told_since_when_what_they_see_may_be_old() -> None:
    sockets = Sockets(3)
    one = Open(claims(), sockets)
    sockets.stale(7)
    sockets.stale(None)
    assert one.told == [{"t": "stale", "since": 7}, {"t": "stale", "since": None}]
