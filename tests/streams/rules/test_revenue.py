"""Revenue by business date."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from schemas.record import Record
from schemas.records.folds import RevenueState
from schemas.records.rooms import (
    ChargePosted,
    ChargeVoided,
    CheckedIn,
    CheckInReversed,
    ReservationMade,
    ReservationNoShow,
    RoomsFact,
)
from streams.rules.revenue import Fold

DAY = datetime.date(2026, 3, 1)


def made(reservation_id: str, nights: int = 3, complimentary: bool = False) -> ReservationMade:
    departure = DAY + datetime.timedelta(days=nights)
    return ReservationMade(
        reservation_id=reservation_id,
        arrival=DAY,
        departure=departure,
        booked_on=DAY,
        rate=Decimal(0),
        currency="EUR",
        complimentary=complimentary,
    )


def charge(reservation_id: str, n: int, day: int, cents: int, kind: str = "room") -> ChargePosted:
    return ChargePosted(
        charge_id=f"{reservation_id}-{n}",
        reservation_id=reservation_id,
        business_date=DAY + datetime.timedelta(days=day),
        kind=kind,  # type: ignore[arg-type]  # drawn from the literals
        amount=Decimal(cents) / 100,
        currency="EUR",
    )


def folded(bodies: list[Record]) -> dict[str, RevenueState]:
    fold = Fold("h")
    for n, body in enumerate(bodies):
        fold.apply("rooms", RoomsFact(fact_id=str(n), occurred_at=n), body)
    return {one.id: one for one in fold.snapshot({"rooms": 1}, 1)}


def test_nights_are_counted_once_and_corrections_only_move_money() -> None:
    found = folded([made("a"), charge("a", 1, 0, 10_000), charge("a", 2, 0, -1_050)])["2026-03-01"]
    assert (found.room_revenue, found.room_nights, found.charges) == (Decimal("89.50"), 1, 2)


def test_day_use_is_revenue_but_no_night_and_complimentary_is_apart() -> None:
    bodies = [made("a", nights=0), charge("a", 1, 0, 5_000), charge("b", 1, 0, 0), made("b", 2, True)]
    found = folded(bodies)["2026-03-01"]
    assert (found.room_revenue, found.room_nights, found.complimentary_nights) == (Decimal(50), 1, 1)


CHARGES = st.tuples(
    st.integers(0, 4), st.integers(0, 3), st.integers(-900, 9_000), st.sampled_from(["room", "food", "spa"])
)


@given(
    st.lists(CHARGES, max_size=30), st.sets(st.integers(0, 4)), st.sets(st.integers(0, 29)),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_equals_a_sum_in_any_order(
    drawn: list[tuple[int, int, int, str]], free: set[int], void: set[int], random: object
) -> None:
    charges = [charge(f"r{r}", n, day, cents, kind) for n, (r, day, cents, kind) in enumerate(drawn)]
    bodies: list[Record] = [*charges, *(made(f"r{r}", complimentary=r in free) for r in range(5))]
    void = {n for n in void if n < len(charges)}
    bodies += [
        ChargeVoided(reservation_id=charges[n].reservation_id, charge_id=charges[n].charge_id) for n in void
    ]
    random.shuffle(bodies)  # type: ignore[attr-defined]  # Hypothesis' random.Random
    found = folded(bodies)
    by_day: dict[str, list[ChargePosted]] = defaultdict(list)
    for one in charges:
        by_day[one.business_date.isoformat()].append(one)
    assert set(found) == set(by_day)
    for day, all_posted in by_day.items():
        posted = [one for one in all_posted if charges.index(one) not in void]
        rooms = [one for one in posted if one.kind == "room"]
        nights = {one.reservation_id for one in rooms}
        assert found[day].room_revenue == sum(one.amount for one in rooms)
        assert found[day].other_revenue == sum(one.amount for one in posted if one.kind != "room")
        assert found[day].room_nights == len(nights)
        assert found[day].complimentary_nights == len({one for one in nights if int(one[1:]) in free})


def test_what_somebody_pays_who_did_not_come_is_revenue_but_no_night() -> None:
    missed = ReservationNoShow(reservation_id="a")
    assert folded([made("a"), charge("a", 1, 0, 5_000), missed])["2026-03-01"].room_nights == 0
    found = folded([missed, charge("a", 1, 0, 5_000), made("a"), CheckedIn(reservation_id="a")])["2026-03-01"]
    assert (found.room_nights, found.room_revenue) == (1, Decimal(50)), "but a stay beats a no-show"


def test_a_voided_charge_is_out_of_its_date_and_the_night_with_its_last_one() -> None:
    bodies: list[Record] = [
        made("a"),
        charge("a", 1, 0, 10_000),
        charge("a", 2, 0, 500),
        charge("a", 3, 0, 900, "spa"),
    ]
    voids = [ChargeVoided(reservation_id="a", charge_id=f"a-{n}") for n in (1, 2, 3, 1)]
    found = [folded([*bodies, *voids[:n]])["2026-03-01"] for n in range(5)]
    assert [one.room_nights for one in found] == [1, 1, 0, 0, 0]
    assert [one.room_revenue for one in found] == [Decimal(105), Decimal(5), 0, 0, 0]
    assert [one.other_revenue for one in found] == [9, 9, 9, 0, 0]
    assert [one.charges for one in found] == [3, 2, 1, 0, 0]


def test_a_reversed_check_in_makes_a_no_show_of_a_no_show_again() -> None:
    came: list[Record] = [
        ReservationNoShow(reservation_id="a"),
        charge("a", 1, 0, 5_000),
        CheckedIn(reservation_id="a"),
    ]
    assert folded(came)["2026-03-01"].room_nights == 1
    assert folded([*came, CheckInReversed(reservation_id="a")])["2026-03-01"].room_nights == 0


def test_an_amendment_counts_by_its_time_however_late_it_is_heard() -> None:
    fold = Fold("h")
    for at, body in ((1, charge("a", 1, 0, 100)), (5, made("a", nights=0)), (3, made("a", nights=2))):
        fold.apply("rooms", RoomsFact(fact_id=str(at), occurred_at=at), body)
    assert fold.snapshot({}, 1)[0].room_nights == 0
