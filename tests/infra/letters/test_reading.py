"""One letter for each id, and those that are wanted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from infra.letters.reading import Wanted, latest, read
from infra.runtime import kafka as shell
from infra.runtime.problems import Problem
from infra.topics import ensure
from schemas.ids import new_id
from schemas.topics import DEAD_LETTERS
from tests.fixtures_warehouse import Warehouse
from tests.infra.letters.test_describing import LETTER
from tests.streams.sinks import stand


def test_what_was_said_last_holds_but_the_bytes_stay() -> None:
    again = replace(LETTER, reason="still not", at=3)
    closed = replace(LETTER, value=None, reason="x", outcome="dropped", at=2)
    (one,) = latest([LETTER, closed]).values()
    assert one == replace(LETTER, outcome="dropped")
    (one,) = latest([LETTER, closed, again]).values()
    assert one == again, "found again it is open again"


@pytest.mark.parametrize(
    ("wanted", "takes"),
    [
        (Wanted(), True),
        (Wanted(property_id="h", topic="rooms", found_by="sink"), True),
        (Wanted(property_id="other"), False),
        (Wanted(topic="chats"), False),
        (Wanted(found_by="push"), False),
        (Wanted(("1b",)), True),
        (Wanted(("2b",)), False),
    ],
)
def test_which_are_wanted(wanted: Wanted, takes: bool) -> None:
    assert wanted.takes(LETTER) is takes


def test_closed_ones_only_where_they_are_asked_for() -> None:
    closed = replace(LETTER, outcome="replayed")
    assert not Wanted().takes(closed)
    assert Wanted(closed=True).takes(closed)
    assert Wanted((LETTER.event_id,)).takes(closed)


async def test_from_the_log_by_id_and_by_hotel(kafka: str, warehouse: Warehouse) -> None:
    settings, hotel = stand.settings_for(kafka, warehouse), stand.new_hotel()
    await ensure(settings)
    own = new_id()
    letters = [replace(LETTER, property_id=hotel, event_id=f"{own}{n}") for n in range(2)]
    async with stand.producing(settings) as producer:
        for letter in letters:
            await shell.send(producer, settings, DEAD_LETTERS, hotel, letter)
    assert await read(settings, Wanted(property_id=hotel)) == letters
    assert await read(settings, Wanted((letters[1].event_id,))) == letters[1:]
    with pytest.raises(Problem, match="names 2 dead letters"):
        await read(settings, Wanted((own,)))
    with pytest.raises(Problem, match="'zzz' names no dead letter: `concierge dead list --closed`"):
        await read(settings, Wanted(("zzz",)))
