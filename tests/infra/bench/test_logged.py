"""What the log says of chats: each event by its first place, in the log's order, of one hotel."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from infra.bench import loads, logged
from infra.bench.alone import Alone
from schemas.ids import new_id


async def test_each_once_by_its_first_place_and_of_this_hotel_only(
    stand: Alone, producer: AIOKafkaProducer
) -> None:
    house, other = f"logged-{new_id()[-8:]}", f"logged-{new_id()[-8:]}"
    first, second = loads.message(house, 0, "first"), loads.message(house, 0, "second")
    await stand.say(producer, [first, second, first, loads.message(other, 0, "foreign")])
    assert await logged.chats(stand, house) == {loads.chat_id(house, 0): ["first", "second"]}
