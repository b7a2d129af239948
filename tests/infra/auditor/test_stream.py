"""A canary on a stream goes on from its cursor, and says when it does not hear what is true now."""

from __future__ import annotations

from infra.auditor.stream import StreamCanary
from schemas.ids import new_id
from tests.gateway.client.support import wire
from tests.gateway.support import Running
from tests.infra.auditor.conftest import group, hotel, house
from tests.patience import until


async def test_it_hears_all_of_one_hotel_over_a_line_that_breaks(gateway: Running) -> None:
    first, second = sorted([await hotel(gateway), await hotel(gateway)])
    async with house(gateway) as one, wire(gateway.port) as line:
        own = StreamCanary("c", line.url, group, one.hearing)
        one.log.choose([first, second])
        async with one.with_canary(own):
            assert not own.current
            own.follow([second, first])
            await until(lambda: own.current)
            await gateway.request(first, new_id())
            await gateway.request(second, new_id())
            await until(lambda: one.findings().heard == 1)
            line.cut()
            await until(lambda: not own.current)
            await gateway.request(first, new_id())
            await until(lambda: own.current and one.findings().heard == 2)
            own.follow([second])
            await until(lambda: own.current and set(one.audit.canaries["c"].ledgers) & {f"ops:{second}"})
            await gateway.request(second, new_id())
            await until(lambda: one.findings().heard == 3)
            own.follow([])
            await until(lambda: not own.current)
            found = one.findings()
            assert (found.doubled, found.foreign, found.reset, found.unjudged) == (0, 0, 0, 0)


async def test_while_kafka_is_away_from_its_gateway_it_is_not_current(gateway: Running) -> None:
    hotel_id = await hotel(gateway)
    async with house(gateway) as one:
        own = StreamCanary("c", gateway.url, group, one.hearing)
        async with one.with_canary(own):
            own.follow([hotel_id])
            await until(lambda: own.current)
            gateway.live.sockets.stale(1)
            await until(lambda: not own.current)
            gateway.live.sockets.stale(None)
            await until(lambda: own.current)
