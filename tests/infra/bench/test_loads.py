"""What benches say is what agents take: the bodies are of the records, ids and places as they must be."""

from __future__ import annotations

from infra.bench import loads
from schemas import topics
from schemas.codec import decode, encode
from schemas.topics import partition_of


def test_all_of_it_can_be_written_and_read() -> None:
    (house,) = loads.hotels(1)
    said = [*loads.settings(house), *loads.shifts(house), *loads.request(house, 7)]
    said += [loads.status_command(house, 3), loads.intake(house, 0, 5)]
    for topic, hotel, record, _ in said:
        assert decode(encode(record), topic) == record
        assert hotel == house
    assert len({key for _, _, _, key in said if key}) == 2 + loads.ROOMS


def test_answers_lie_where_they_are_expected() -> None:
    houses, ends = loads.hotels(30), {0: 5, 1: 0, 2: 7}
    at = dict(ends)
    for _, house, answer, _ in loads.answers(houses, 90, ends):
        place = partition_of(house, 3)
        assert (answer.expected, answer.cause.partition) == (at[place], place)
        assert answer.cause.topic not in {topics.ROOMS_COMMANDS.name, topics.ROOMS_INTAKE.name}
        at[place] += 1
    assert sum(at.values()) == 90 + sum(ends.values())
