"""Topics: the table of the map, and one hotel in one partition everywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.topics import BY_NAME, TOPICS


def test_names_are_unique_and_every_record_has_one_home() -> None:
    assert len(BY_NAME) == len(TOPICS)
    homes: dict[str, set[str]] = {}
    for topic in TOPICS:
        for record in topic.records:
            homes.setdefault(record.__name__, set()).add(topic.name)
    shared = {name for name, where in homes.items() if len(where) > 1}
    assert shared == {"SeenIds", "StateMark"}


def test_facts_are_kept_for_ever_and_stamped_by_the_broker() -> None:
    for name in ("rooms", "services", "staff", "alerts", "notifications"):
        facts, commands, state = BY_NAME[name], BY_NAME[f"{name}.commands"], BY_NAME[f"{name}.state"]
        assert facts.config()["retention.ms"] == "-1"
        assert facts.config()["message.timestamp.type"] == "LogAppendTime"
        assert commands.config()["message.timestamp.type"] == "LogAppendTime"
        assert commands.retention_ms == 7 * topics.DAY_MS
        assert state.config()["cleanup.policy"] == "compact"


@given(st.text(max_size=30), st.integers(1, 100))
def test_a_hotel_has_one_partition(property_id: str, partitions: int) -> None:
    assert 0 <= topics.partition_of(property_id, partitions) < partitions


def test_the_partition_of_a_hotel_never_changes() -> None:
    found = [topics.partition_of(name, 6) for name in ("harbour", "h2", "h3", "city")]
    assert found == [4, 4, 2, 4]


def test_hotels_spread_over_the_partitions() -> None:
    counts = [0] * 6
    for number in range(600):
        counts[topics.partition_of(f"hotel-{number}", 6)] += 1
    assert min(counts) > 60


def test_the_key_of_an_entity_names_hotel_kind_and_id() -> None:
    assert topics.entity_key("harbour", "room", "101") == b"harbour/room/101"
