"""Who may listen to what: every role against every kind of channel."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.channels import demand, may, parse
from gateway.claims import Claims, verify
from gateway.errors import Refused
from gateway.readmodel.hotel import Thread
from gateway.readmodel.model import ReadModel
from schemas.records.chats import ThreadOpened
from schemas.records.rooms import ReservationState
from tests.gateway.support import settings_for, token

SETTINGS = settings_for("127.0.0.1:1")
WHO: dict[str, partial[str]] = {
    "guest": partial(token, "guest", "h", sub="ann", room="101"),
    "cleaner": partial(token, "staff", "h", sub="ben", departments=["housekeeping"]),
    "guard": partial(token, "staff", "h", sub="cem", departments=["security"]),
    "manager": partial(token, "manager", "h"),
    "admin": partial(token, "admin", "h"),
    "owner": partial(token, "admin", "*"),
    "system": partial(token, "system", "*"),
    "data": partial(token, "data", "h"),
    "stranger": partial(token, "admin", "other"),
    "neighbour": partial(token, "guest", "h", sub="bob", room="102"),
}
STAFF = {"cleaner", "guard", "manager", "admin", "owner", "system"}
TABLE = {
    "property:h": set(WHO) - {"data", "stranger"},
    "staff:h": STAFF,
    "ops:h": STAFF - {"cleaner", "guard"},
    "department:h:housekeeping": STAFF - {"guard"},
    "room:h:101": STAFF | {"guest"},
    "user:ann": {"guest"},
    "thread:t": {"guest", "cleaner", "manager", "admin"},
}


def claims(name: str) -> Claims:
    return verify(WHO[name](), SETTINGS)


def model() -> ReadModel:
    found = ReadModel()
    opened = ThreadOpened(kind="guest_department", department="housekeeping", guest_id="ann")
    found.of("h").threads["t"] = Thread("t", opened, "ann", 1, {"ann"})
    return found


@pytest.mark.parametrize("who", sorted(WHO))
@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_table(name: str, who: str) -> None:
    try:
        demand(claims(who), name, model())
        allowed = True
    except Refused:
        allowed = False
    assert allowed is (who in TABLE[name])


@pytest.mark.parametrize(
    "name", ["", "x", "ops", "ops:", "ops:h:more", "room:h", "room::1", "all:h", "user:" + "x" * 600]
)
def test_what_is_no_channel(name: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(name, claims("admin"))
    assert refused.value.status == 400


@given(st.text(max_size=40), st.sampled_from(sorted(WHO)))
def test_no_name_gives_a_channel_of_another_hotel(name: str, who: str) -> None:
    try:
        channel = parse(name, claims(who))
    except Refused:
        return
    if may(claims(who), channel, model()):
        assert claims(who).in_property(channel.property_id)


def test_no_guest_reads_what_staff_say_among_themselves() -> None:
    found = model()
    found.of("h").threads["t"] = Thread("t", ThreadOpened(kind="staff"), "ben", 1, {"ann", "ben"})
    assert may(claims("cleaner"), parse("thread:t", claims("cleaner")), found)
    assert not may(claims("guest"), parse("thread:t", claims("guest")), found), "even as a member by mistake"


def test_a_room_is_left_with_the_stay() -> None:
    found = model()
    ann = verify(token("guest", "h", sub="ann", room="101", stay="s"), SETTINGS)
    assert may(ann, parse("room:h:101", ann), found)
    found.of("h").reservations["s"] = ReservationState(reservation_id="s", status="checked_out")
    assert not may(ann, parse("room:h:101", ann), found)
    assert may(ann, parse("user:ann", ann), found)


def test_a_thread_that_one_left_out_is_not_theirs() -> None:
    assert not may(claims("neighbour"), parse("thread:t", claims("neighbour")), model())
    with pytest.raises(Refused):
        demand(claims("guest"), "thread:none", model())
