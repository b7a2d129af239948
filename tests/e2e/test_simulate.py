"""A simulated hotel on the real stack: what it says is accepted, and the warehouse has it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import clickhouse_connect

from infra.simulator import run
from infra.simulator.stays import OCCUPANCY
from infra.simulator.step import Step
from tests.e2e.conftest import Stack
from tests.patience import PATIENCE

NUMBER = 1  # `h2`: the browsers play in the first hotel
HOTEL = "h2"
ROOMS = 20


def _rows(stack: Stack, table: str) -> int:
    client = clickhouse_connect.get_client(
        host="127.0.0.1",
        port=stack.settings.warehouse_port,
        username=stack.settings.clickhouse_reader,
        password=stack.settings.clickhouse_reader_password.get_secret_value(),
        database="concierge",
        autogenerate_session_id=False,
    )
    try:
        found = client.query(
            "SELECT count() FROM {t:Identifier} WHERE property_id = {p:String}",
            parameters={"t": table, "p": HOTEL},
        )
        return int(found.result_rows[0][0])
    finally:
        client.close()


def test_an_hour_and_a_half_of_a_hotel(stack: Stack) -> None:
    said: Counter[str] = Counter()

    def count(step: Step) -> None:
        said[step.command] += 1

    outcomes: Counter[str] = Counter()
    live = run.hotel(
        stack.settings, NUMBER, rooms=ROOMS, speed=1e6, seed=7, hours=1.5, said=count, outcomes=outcomes
    )
    with ThreadPoolExecutor(1) as thread:  # an open browser's event loop runs in this one
        thread.submit(asyncio.run, live).result()
    assert said["rooms.facts"]
    assert said["services.request"]
    # Now and then somebody is too late (a request given to another, a room taken): that is a hotel, too.
    assert outcomes["refused"] <= 0.1 * outcomes["accepted"], outcomes
    deadline = time.monotonic() + PATIENCE
    stayed = round(ROOMS * OCCUPANCY)  # over the night before; who arrives in the morning comes on top
    while _rows(stack, "v_service_requests") < said["services.request"] or _rows(stack, "v_stays") < stayed:
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
    assert _rows(stack, "v_rooms_now") == ROOMS
