"""Commands are counted by what they are, how they ended and how they came, whichever way that was."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import REGISTRY

from gateway.counted import counted, kind_of
from gateway.errors import forbidden, outcome_unknown
from schemas.ids import new_id
from tests.gateway.support import Client, Running, client, token

HOUSE = {"name": "C", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": ["spa"]}


def commands(command: str, outcome: str, way: str) -> float:
    """How many there were."""
    labels = {"command": command, "outcome": outcome, "way": way}
    return REGISTRY.get_sample_value("concierge_commands_total", labels) or 0.0


def acks(way: str) -> float:
    """How many acks were timed."""
    return REGISTRY.get_sample_value("concierge_ack_seconds_count", {"way": way}) or 0.0


@pytest.mark.parametrize(
    ("cmd", "kind"),
    [("rooms.check_in", "rooms"), ("chat.send", "chat"), ("rooms.nothing", "other"), ("x" * 99, "other")],
)
def test_what_somebody_makes_up_has_no_label_of_its_own(cmd: str, kind: str) -> None:
    assert kind_of(cmd) == kind


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(forbidden("no"), "refused"), (outcome_unknown(), "unknown"), (RuntimeError("broken"), "unknown")],
)
def test_a_no_and_what_may_be_on_the_log_are_counted_and_not_timed(error: Exception, outcome: str) -> None:
    before, timed = commands("alerts", outcome, "rest"), acks("rest")
    with pytest.raises(type(error)), counted("alerts.resolve", "rest"):
        raise error
    assert (commands("alerts", outcome, "rest"), acks("rest")) == (before + 1, timed)


async def test_both_ways_are_seen(gateway: Running) -> None:
    own = "count" + new_id()[-6:]
    opening: dict[str, Any] = {"kind": "guest_department", "department": "spa"}
    guest = token("guest", own, room="101")
    async with gateway.web() as web:

        async def post(path: str, body: dict[str, Any], who: str = guest) -> int:
            answer = await web.post(path, json=body, headers={"Authorization": f"Bearer {who}"})
            return answer.status_code

        settings = {"property_id": own, "property": HOUSE}
        assert await post("/api/settings", settings, token("system", "*")) == 200
        before = commands("chat", "acked", "rest"), acks("rest")
        said = {"id": new_id(), "cmd": "chat.open", "d": opening}
        assert await post("/api/chat/rooms", {**said, "cmd": "open"}) == 200
        assert await post("/api/websocket/events", {**said, "id": new_id()}) == 200
        assert (commands("chat", "acked", "rest"), acks("rest")) == (before[0] + 2, before[1] + 2)

        ticked = commands("rooms", "acked", "rest"), commands("rooms", "refused", "rest")
        night = {"id": new_id(), "cmd": "run_night_audit", "d": {"close": "2026-05-01"}}
        assert await post("/api/rooms", night, token("manager", own)) == 202, "no agent runs here"
        assert await post("/api/rooms", {**night, "id": new_id()}) == 403
        now = commands("rooms", "acked", "rest"), commands("rooms", "refused", "rest")
        assert now == (ticked[0] + 1, ticked[1] + 1)

    async def by_socket(one: Client) -> None:
        await one.say("pub", id=new_id(), cmd="chat.open", d=opening)
        await one.hear("ack")

    before = commands("chat", "acked", "socket"), acks("socket")
    async with client(gateway, guest) as one:
        await by_socket(one)
    assert (commands("chat", "acked", "socket"), acks("socket")) == (before[0] + 1, before[1] + 1)
