"""One record on the log: written, refused, or honestly unknown."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from aiokafka.structs import RecordMetadata

from gateway import outlet
from gateway.errors import Refused
from gateway.outlet import write
from infra.runtime import kafka
from schemas import topics
from schemas.ids import new_id
from schemas.record import Record
from schemas.records.rooms import PostCharge, RoomsCommand
from schemas.records.signals import Signal
from tests.gateway.support import Running, end_of, silent_kafka
from tests.patience import until


def signal(own: str) -> Signal:
    return Signal(property_id=own, gateway_id="g", at=1)


async def refused(gateway: Running, record: Record) -> tuple[int, str, float | None]:
    with pytest.raises(Refused) as no:
        await write(gateway.live, topics.SIGNALS, "h", record)
    return no.value.status, no.value.code, no.value.retry_after


async def test_it_lies_in_its_hotels_partition(gateway: Running) -> None:
    own = "out" + new_id()[-6:]
    lies = await write(gateway.live, topics.SIGNALS, own, signal(own))
    assert lies.partition == topics.partition_of(own, gateway.settings.partitions)
    assert lies.offset < await end_of(gateway.settings, topics.SIGNALS.name, lies.partition), (
        "others signal, too"
    )


async def test_what_does_not_fit_is_refused_before_it_is_sent(gateway: Running) -> None:
    charge = PostCharge(reservation_id="r", kind="room", amount=Decimal("1.23456789"))
    record = RoomsCommand(
        command_id="c", property_id="h", actor_id="a", actor_role="system", claimed_at=1, post_charge=charge
    )
    assert (await refused(gateway, record))[:2] == (400, "invalid")


async def test_while_kafka_is_away_nothing_is_sent(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    silent_kafka(gateway, monkeypatch, 1)
    partition = topics.partition_of("h", gateway.settings.partitions)
    before = await end_of(gateway.settings, topics.SIGNALS.name, partition)
    assert await refused(gateway, signal("h")) == (503, "log_unavailable", 2.0)
    assert await end_of(gateway.settings, topics.SIGNALS.name, partition) == before


@pytest.mark.parametrize("turns", range(4))
async def test_who_is_cancelled_as_the_send_ends_stays_cancelled(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """Else the publisher of a socket that left goes on, and the socket is never gone."""
    sent = asyncio.get_running_loop().create_future()

    async def send(*_: object) -> object:
        return await sent

    monkeypatch.setattr(kafka, "send", send)
    writing = asyncio.create_task(write(gateway.live, topics.SIGNALS, "h", signal("h")))
    for _ in range(3):
        await asyncio.sleep(0)
    sent.set_result(RecordMetadata("signals", 0, None, 0, 0, 1, 0))
    for _ in range(turns):  # on its way to the sender
        await asyncio.sleep(0)
    cancelled = writing.cancel()
    found = (await asyncio.gather(writing, return_exceptions=True))[0]
    assert isinstance(found, asyncio.CancelledError) is cancelled


async def test_what_took_too_long_is_unknown_and_may_be_there(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "SEND_SECONDS", 0.0)
    partition = topics.partition_of("h", gateway.settings.partitions)
    before = await end_of(gateway.settings, topics.SIGNALS.name, partition)
    assert await refused(gateway, signal("h")) == (503, "unknown", 2.0)

    async def there() -> bool:
        return await end_of(gateway.settings, topics.SIGNALS.name, partition) > before

    await until(there)
