"""What a client has heard: once, and how new."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.client import heard
from gateway.client.heard import Heard


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"))))
def test_an_event_comes_first_once(events: list[tuple[str, str]]) -> None:
    known = Heard()
    assert [event for event in events if known.first(*event)] == list(dict.fromkeys(events))


def test_the_oldest_ids_are_forgotten() -> None:
    known = Heard()
    for number in range(heard.KEPT_IDS + 1):
        assert known.first("x", str(number))
    assert not known.first("x", str(heard.KEPT_IDS))
    assert not known.first("x", "1")
    assert known.first("x", "0")


@given(st.lists(st.tuples(st.sampled_from(["r1", "r2"]), st.integers(0, 9))))
def test_what_is_older_than_something_heard_is_stale(said: list[tuple[str, int]]) -> None:
    known, newest = Heard(), dict[str, int]()
    for own, version in said:
        stale = known.stale({"request": {"request_id": own}, "version": version})
        assert stale == (version < newest.get(own, 0))
        newest[own] = max(version, newest.get(own, 0))


def test_a_snapshot_counts_and_what_has_no_version_is_never_stale() -> None:
    known = Heard()
    known.learn(
        {"rooms": [{"room_id": "101", "version": 5}], "requests": None, "alerts": [{"alert_id": "a"}]}
    )
    assert known.stale({"room": {"room_id": "101"}, "version": 4})
    assert not known.stale({"room": {"room_id": "102"}, "version": 4})
    assert not known.stale({"alert": {"alert_id": "a"}, "version": 0})
    assert not known.stale({"room": {"room_id": "101"}})
    assert not known.stale({"version": 1})
