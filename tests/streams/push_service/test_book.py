"""Everybody's subscriptions."""

from __future__ import annotations

from schemas.records.people import PeopleRecord, PushSubscription
from streams.push_service.book import MAX_PER_PERSON, Book


def record(n: int, user_id: str = "ann", property_id: str = "h") -> PeopleRecord:
    found = PushSubscription(
        subscription_id=f"s{n}", user_id=user_id, endpoint="e", p256dh="p", auth="a", vapid_key="v"
    )
    return PeopleRecord(property_id=property_id, kind="subscription", id=f"s{n}", at=1, subscription=found)


def test_hotels_do_not_see_each_other() -> None:
    book = Book()
    book.learn(record(1))
    assert book.of("other", "ann") == []
    book.forget("other", "s1")
    assert len(book.of("h", "ann")) == 1


def test_a_browser_that_changes_hands_is_its_new_owners() -> None:
    book = Book()
    book.learn(record(1))
    book.learn(record(1, "bob"))
    assert (len(book.of("h", "ann")), len(book.of("h", "bob"))) == (0, 1)


def test_the_oldest_gives_way() -> None:
    book = Book()
    for n in range(MAX_PER_PERSON + 1):
        book.learn(record(n))
    found = [one.subscription_id for one in book.of("h", "ann")]
    assert len(found) == MAX_PER_PERSON
    assert "s0" not in found
