"""What waits for its ack, in order."""

from __future__ import annotations

from gateway.client.outbox import URGENT, Outbox


def test_one_after_the_other_until_each_is_settled() -> None:
    box = Outbox("d")
    first, second = box.add("services.accept", {}), box.add("services.start", {})
    assert box.due(0.0) == [first]
    assert box.due(0.0) == []
    assert not box.settled(second.id)
    assert box.settled(first.id)
    assert box.due(0.0) == [second]


def test_what_is_put_off_holds_back_what_came_later() -> None:
    box = Outbox("d")
    first = box.add("services.accept", {})
    box.add("services.start", {})
    box.due(0.0)
    assert box.put_off(first.id, 5.0)
    assert not box.put_off("another", 5.0)
    assert (box.due(4.9), box.wake_at()) == ([], 5.0)
    assert box.due(5.0) == [first]
    assert box.wake_at() is None


def test_after_a_drop_the_same_is_sent_again() -> None:
    box = Outbox("d")
    first = box.add("services.accept", {})
    box.due(0.0)
    box.lost()
    assert box.due(0.0) == [first]
    assert len(box) == 1


def test_an_emergency_waits_for_nobody() -> None:
    box = Outbox("d")
    slow = box.add("services.accept", {})
    box.due(0.0)
    alarm = box.add(URGENT, {})
    assert box.due(0.0) == [alarm]
    assert box.settled(alarm.id)
    assert box.settled(slow.id)


def test_a_chat_is_known_by_device_and_sequence_unless_it_has_an_id_of_its_own() -> None:
    box = Outbox("d")
    said = [box.add("chat.send", {"text": "x"}) for _ in range(2)]
    assert [(one.d["device"], one.d["seq"]) for one in said] == [("d", 1), ("d", 2)]
    assert box.add("chat.send", {"text": "x"}, "mine").d == {"text": "x"}
    assert "seq" not in box.add("services.accept", {}).d
