"""Everybody's subscriptions."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from schemas.records.people import PeopleRecord, PushSubscription
from schemas.records.settings import Revocation
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


@pytest.mark.parametrize(
    ("kind", "own", "hotel"),
    [("user", "ann", "h"), ("user", "ann", "*"), ("property", "h", "h"), ("property", "h", "*")],
)
def test_who_is_shut_out_is_pushed_to_no_more_until_they_subscribe_anew(
    kind: str, own: str, hotel: str
) -> None:
    book = Book()
    book.learn(record(1))
    book.revoke(hotel, Revocation(kind=kind, id=own, before=2))  # type: ignore[arg-type]  # one of the literals
    assert (book.of("h", "ann"), book.lost()) == ([], [("h", "s1")])
    book.learn(replace(record(1), at=2))
    assert (len(book.of("h", "ann")), book.lost()) == (1, [])


@pytest.mark.parametrize("hotel", ["h", "*"])
def test_a_subscription_ends_with_its_token_whenever_that_was_issued(hotel: str) -> None:
    book = Book()
    for n in (1, 2):
        one = record(n)
        assert one.subscription is not None
        book.learn(replace(one, subscription=replace(one.subscription, token_id=f"t{n}")))
    book.revoke(hotel, Revocation(kind="token", id="t1", before=1))
    assert [one.subscription_id for one in book.of("h", "ann")] == ["s2"]
    assert book.lost() == [("h", "s1")]


def test_another_person_hotel_or_token_takes_nothing_from_anybody() -> None:
    book = Book()
    book.learn(record(1))
    for kind, own, hotel in (("user", "bob", "h"), ("user", "ann", "other"), ("token", "ann", "h")):
        book.revoke(hotel, Revocation(kind=kind, id=own, before=9))  # type: ignore[arg-type]
    assert len(book.of("h", "ann")) == 1
