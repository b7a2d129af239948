"""What a delivery costs with ten times the subscribers, and with ten thousand times the channels.

The baseline is the smaller one of each pair: with it a ratio of 1 is a cost that does not grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer

from infra.bench import alone, loads
from infra.bench.alone import Alone, Process
from infra.bench.audience import Audience
from infra.bench.fanout import Say, chatter, spread
from infra.bench.pinned import stage
from infra.bench.result import Result
from infra.bench.sockets import heard, hello, quiet

FEW, MANY = 500, 5_000
CHANNELS, EACH = 10_000, 20
# Deliveries a second, of one channel and of many.
RATE, RATE_OF_MANY = 40_000.0, 500.0
SECONDS = 6.0


async def run(home: Path) -> Result:
    """In `home`, an empty folder; the gateway on one core, everything else on the other."""
    async with stage(home) as (stand, producer, core):
        return await measure(stand, producer, FEW, MANY, CHANNELS, core)


async def measure(
    stand: Alone, producer: AIOKafkaProducer, few: int, many: int, channels: int, core: int | None
) -> Result:
    """The same with so many subscribers of one channel, and so many channels of one subscriber each."""
    (house,) = loads.hotels(1, "growth-fanout")
    await stand.say(producer, [*loads.settings(house), *loads.chats(house, channels)])
    async with alone.gateway(stand) as (beside, server):
        server.pin(core)
        port = beside.settings.gateway_port
        one = chatter(stand, producer, house, 1)
        people = [hello(beside, house, number, [0]) for number in range(many)]
        cost = {
            count: await _cost(port, people[:count], server, one, RATE / count, count)
            for count in (few, many)
        }
        # As many sockets, messages and deliveries: what differs is over how many channels they are.
        listeners = channels // EACH
        apart_of_each = [hello(beside, house, n, range(n * EACH, (n + 1) * EACH)) for n in range(listeners)]
        alike = [hello(beside, house, n, [n % listeners]) for n in range(listeners)]
        of_one = await _cost(port, alike, server, chatter(stand, producer, house, listeners), RATE_OF_MANY, 1)
        of_all = await _cost(
            port, apart_of_each, server, chatter(stand, producer, house, channels), RATE_OF_MANY, 1
        )
    figures = {"us_a_delivery_many_subscribers": cost[many], "us_a_delivery_many_channels": of_all}
    baseline = {"us_a_delivery_many_subscribers": cost[few], "us_a_delivery_many_channels": of_one}
    return Result("growth-fanout", figures, baseline)


async def _cost(
    port: int, people: Sequence[tuple[str, int]], server: Process, say: Say, rate: float, each: int
) -> float:
    """The server's CPU microseconds a delivery, at `rate` messages a second that `each` sockets hear."""
    async with Audience("concierge", port, people) as audience:
        await quiet(audience)
        await heard(audience, await spread(say, rate, 1, 1.0) * each)
        used = server.cpu()
        wanted = await spread(say, rate, 1, SECONDS) * each
        await heard(audience, wanted)
        return round(1e6 * (server.cpu() - used) / wanted, 2)
