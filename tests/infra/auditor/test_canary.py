"""A canary on a socket hears hotels come and go, comes back, and begins anew where it was sent away."""

from __future__ import annotations

import pytest

from infra.auditor import canary as module
from infra.auditor.canary import SocketCanary
from schemas.ids import new_id
from tests.gateway.client.support import wire
from tests.gateway.support import Running, token
from tests.infra.auditor.conftest import group, hotel, house
from tests.patience import until


async def test_it_hears_the_chosen_hotels_over_a_line_that_breaks(gateway: Running) -> None:
    first, second = await hotel(gateway), await hotel(gateway)
    async with house(gateway) as one, wire(gateway.port) as line:
        own = SocketCanary("c", line.url, "ops", group, one.hearing)
        async with one.with_canary(own):
            assert not own.current, "it hears nothing yet"
            one.log.choose([first])
            own.follow([first])
            await until(lambda: own.current)
            await gateway.request(first, new_id())
            await until(lambda: one.findings().heard == 1)
            assert own._client is not None
            client, before = own._client, own._client.connections
            line.cut()
            # It may be back within a look of ours.
            await until(lambda: not own.current or client.connections > before)
            await gateway.request(first, new_id())
            await until(lambda: one.findings().heard == 2)
            one.log.choose([second])
            own.follow([second])
            await until(lambda: own.current)
            await gateway.request(first, new_id())
            await gateway.request(second, new_id())
            await until(lambda: one.findings().heard == 3)
            own.again()
            found = one.findings()
            assert (found.doubled, found.foreign, found.reset, found.unjudged) == (0, 0, 0, 0)


async def test_one_that_is_sent_away_begins_anew(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.05)
    own, tokens = await hotel(gateway), ["forged", token("system", "*")]

    async def fresh() -> str:
        return tokens.pop(0) if len(tokens) > 1 else tokens[0]

    async with house(gateway) as one:
        sent = SocketCanary("c", gateway.url, "ops", fresh, one.hearing)
        one.log.choose([own])
        async with one.with_canary(sent):
            sent.follow([own])
            await until(lambda: sent.current)
            await gateway.request(own, new_id())
            await until(lambda: one.findings().heard == 1)
