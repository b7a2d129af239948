"""The same events and cursors over SSE and long-poll, and the probes."""

from __future__ import annotations

import msgspec

from schemas.ids import new_id
from tests.gateway.support import Running, client, token
from tests.patience import patience


async def test_poll_sse_and_socket_share_cursors(gateway: Running) -> None:
    own, ids = "poll" + new_id()[-6:], [new_id() for _ in range(3)]
    room = f"room:{own}:101"
    head = {"Authorization": "Bearer " + token("admin", own)}
    async with gateway.web(headers=head) as http:
        path = "/api/websocket/events"
        first = (await http.get(path, params={"ch": room, "poll": 1})).json()
        assert first["events"][0]["t"] == "subbed"
        await gateway.request(own, ids[0])
        then = (await http.get(path, params={"ch": room, "poll": 1, "cur": first["cur"]})).json()
        assert then["events"][-1]["d"]["causation_id"] == ids[0]
        await gateway.request(own, ids[1])
        headers = {"Last-Event-ID": then["cur"], "Accept": "text/event-stream"}
        async with patience(), http.stream("GET", path, params={"ch": room}, headers=headers) as got:
            async for line in got.aiter_lines():
                if line.startswith("data:") and (event := msgspec.json.decode(line[5:]))["t"] == "ev":
                    break
        assert event["d"]["causation_id"] == ids[1]
        await gateway.request(own, ids[2])
        async with client(gateway, token("admin", own), resume={room: event["cur"]}) as one:
            assert (await one.request())["d"]["causation_id"] == ids[2]
        for refused, code in (({"ch": "room:other:1"}, 403), ({"ch": "nothing"}, 400), ({}, 422)):
            assert (await http.get(path, params=refused)).status_code == code
        assert (await http.post(path, content=b"{")).status_code == 400
        assert (await http.get("/readyz")).json()["ready"] is True
        assert "concierge_event_to_client_seconds_count" in (await http.get("/metrics")).text
    async with gateway.web() as nobody:
        assert (await nobody.get(path, params={"ch": room})).status_code == 401


async def test_a_channel_that_is_not_ours_takes_nothing_from_the_others(gateway: Running) -> None:
    own = "part" + new_id()[-6:]
    head = {"Authorization": "Bearer " + token("guest", own, room="101")}
    path, room = "/api/websocket/events", f"room:{own}:101"
    async with gateway.web(headers=head) as http:
        said = (await http.get(path, params={"ch": [room, f"ops:{own}"], "poll": 1})).json()["events"]
        assert [(one["t"], one.get("ch", one.get("id"))) for one in said] == [
            ("subbed", room), ("nack", f"ops:{own}"),
        ]  # fmt: skip
        assert (await http.get(path, params={"ch": f"ops:{own}", "poll": 1})).status_code == 403


async def test_one_cursor_holds_for_all_channels_of_a_stream(gateway: Running) -> None:
    own = "both" + new_id()[-6:]
    rooms = [("ch", f"room:{own}:{number}") for number in (101, 102)]
    head = {"Authorization": "Bearer " + token("admin", own)}
    wanted = [new_id() for _ in range(12)]
    async with gateway.web(headers=head) as http:
        path = "/api/websocket/events"
        place = (await http.get(path, params=[*rooms, ("poll", "1")])).json()["cur"]
        for n, request_id in enumerate(wanted):
            await gateway.request(own, request_id, room=("101", "101", "102")[n % 3])
        found: list[str] = []
        async with patience():
            while len(found) < len(wanted):
                # From a place behind both: what the last event's cursor says must be true of both.
                params = [*rooms, ("poll", "1"), ("cur", place)]
                said = (await http.get(path, params=params)).json()
                found += [one["d"]["causation_id"] for one in said["events"] if one["t"] == "ev"]
                place = said["cur"]
    assert found == wanted
