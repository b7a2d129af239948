"""The log is read from its end on, for the hotels that are looked at, and it is known how far."""

from __future__ import annotations

from infra.auditor.hearing import now_ms
from infra.runtime.kafka import send
from schemas import topics
from schemas.ids import new_id
from tests.gateway.support import Running, end_of
from tests.infra.auditor.conftest import hotel, house
from tests.patience import until


async def test_what_the_log_says_of_chosen_hotels_waits_for_the_canaries(gateway: Running) -> None:
    own, other = await hotel(gateway), await hotel(gateway)
    await gateway.request(own, new_id())
    async with house(gateway) as one:
        partition = topics.partition_of(own, gateway.settings.partitions)
        end = await end_of(gateway.settings, "services", partition)
        assert one.log.floor(own)["services"] == end, "from the end on"
        one.audit.enter("c", gateway.url)
        for name in (own, other):
            one.audit.watch("c", f"ops:{name}", one.log.floor(name))
            one.audit.joined("c", f"ops:{name}", {"services": 0}, now_ms())
        one.log.choose([own])
        await send(gateway.producer, gateway.settings, topics.SERVICES, own, None)  # poison
        await gateway.request(other, new_id())
        await gateway.request(own, new_id())
        waiting = one.audit.canaries["c"].ledgers
        await until(lambda: waiting[f"ops:{own}"]._waiting)
        assert one.log.floor(own)["services"] >= end + 2
        later = now_ms()
        await until(lambda: one.log.read_until > later)
        assert len(waiting[f"ops:{own}"]._waiting) == 1
        assert not waiting[f"ops:{other}"]._waiting
