"""Requests are read as they were said last, the oldest first."""

from __future__ import annotations

from infra.migrations import runner
from streams.sinks import requests
from tests.fixtures_warehouse import Warehouse
from tests.streams.sinks import stand


def test_the_last_word_holds_and_the_oldest_comes_first(warehouse: Warehouse) -> None:
    settings = stand.settings_for("unused:1", warehouse)
    runner.migrate(settings, stand.tables())
    client = stand.client(settings)
    assert requests.first(client, [0, 1]) is None
    old, new = requests.ask(client, ["charges"], [0, 1]), requests.ask(client, ["charges"], [1])
    first = requests.first(client, [1, 2])
    assert first is not None
    assert (first.id, first.partition, first.state, first.tables) == (old, 1, "asked", ("charges",))
    said = requests.say(client, first.next(state="done", rows=5))
    requests.say(client, first)
    assert requests.of(client, old)[1] == said
    assert getattr(requests.first(client, [1]), "id", "") == new
