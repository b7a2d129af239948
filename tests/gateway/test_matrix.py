"""What the page of permissions says is what a running gateway does, command by command and path by path."""

from __future__ import annotations

import datetime
import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import httpx
import msgspec
import pytest

from gateway import chat, matrix
from gateway.claims import ROLES, Claims
from gateway.commands import BODIES
from gateway.matrix import PERSONS, furnish
from gateway.readmodel.hotel import Thread
from gateway.rest import answers
from infra.docs import ROOT
from schemas.ids import new_id
from schemas.records.chats import ThreadOpened
from schemas.records.services import RequestState
from schemas.records.settings import PropertySettings
from tests.gateway.rest.conftest import House
from tests.gateway.rest.test_foreign import NAMES_THE_HOTEL
from tests.gateway.rest.test_notifications import BROWSER
from tests.gateway.support import Running, client, token

FAR = 1 << 50
DEPARTMENTS = ["housekeeping", "spa", "front_desk"]
FORBIDDEN = ("forbidden", "not_yours")


def section(title: str) -> dict[str, dict[str, bool]]:
    """Row -> column -> whether the page says yes."""
    page = (ROOT / "docs" / "reference" / "permissions.md").read_text()
    lines = re.findall(
        r"^\| .* \|$", page.partition(f"\n## {title}\n")[2].partition("\n## ")[0], re.MULTILINE
    )
    columns, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert columns[1:] == list(PERSONS)
    return {
        row[0].partition(",")[0].strip("`") if title != "Channels" else row[0]: {
            column: cell == "yes" for column, cell in zip(columns[1:], row[1:], strict=True)
        }
        for row in rows
    }


def own_token(column: str, hotel: str) -> str:
    """A token of this hotel for the one of this column."""
    one = PERSONS[column]
    more: dict[str, Any] = {
        "room": one.room_id,
        "stay": one.reservation_id,
        "departments": list(one.departments),
    }
    return token(one.role, hotel, sub=one.user_id, **{name: said for name, said in more.items() if said})


@pytest.fixture
async def hotel(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """The page's hotel, in which everybody has a request, and a thread they take part in."""
    for kind in gateway.live.limits.rates:
        monkeypatch.setitem(gateway.live.limits.rates, kind, (1e6, 1e6))
    # No agent answers here, and nobody waits for one.
    monkeypatch.setattr(answers, "ANSWER_SECONDS", 0.001)
    async with gateway.web() as web:
        yield furnished(gateway, web)


def furnished(gateway: Running, web: httpx.AsyncClient) -> House:
    house = House(web, gateway, "perm" + new_id()[-6:])
    house.model.property = PropertySettings(
        name="P", time_zone="UTC", currency="EUR", departments=DEPARTMENTS
    )
    furnish(house.model)
    for one in PERSONS.values():
        house.model.requests[f"request-{one.user_id}"] = RequestState(
            request_id=f"request-{one.user_id}", room_id="101", guest_id=one.user_id, item="towels",
            department="housekeeping", priority=2, credits=1, accept_by=1, resolve_by=2, created_at=1,
        )  # fmt: skip
        mine = f"thread-{one.user_id}"
        opened = ThreadOpened(kind="guest_department", department="housekeeping", guest_id=one.user_id)
        house.model.threads[mine] = Thread(mine, opened, one.user_id, 1, {one.user_id})
    return house


def minimal(kind: Any, said: Mapping[str, Any]) -> Any:
    """The least that is a value of this type; `said`: what fields of these names shall be."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        least = next((meta.ge for meta in args[1:] if isinstance(meta, msgspec.Meta) and meta.ge), None)
        return minimal(args[0], said) if least is None else least
    if origin in (Union, UnionType):
        return None if type(None) in args else minimal(args[0], said)
    if origin is Literal:
        return args[0]
    if origin is list:
        return [minimal(args[0], said)]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {
            field.name: said.get(field.name) or minimal(field.type, said)
            for field in msgspec.structs.fields(kind)
            if field.required or field.name in said
        }
    known = {str: "x", int: 1, float: 1.0, bool: True, Decimal: "1", datetime.date: "2030-01-02"}
    return known[kind]


def body_of(name: str, one: Claims) -> dict[str, Any]:
    """What a command says, about the sender's own things."""
    said: dict[str, Any] = {
        "room_id": "101", "request_id": f"request-{one.user_id}", "staff_id": one.user_id, "until": FAR,
        "dimension": "guest_service", "value": "none", "thread_id": f"thread-{one.user_id}",
    }  # fmt: skip
    kind: Any = {**BODIES, **chat.COMMANDS}[name]
    if name == "alerts.raise_emergency":
        return {"kind": "medical", "location": "bar"}
    if name == "chat.open":
        return {"kind": "guest_department" if one.role == "guest" else "staff", "department": "spa"}
    return dict(minimal(kind, said))


def test_every_command_and_every_path_is_on_the_page_and_every_role_has_a_column() -> None:
    assert section("Commands").keys() == BODIES.keys() | chat.COMMANDS.keys()
    assert section("REST").keys() == matrix.routes().keys()
    assert {one.role for one in PERSONS.values()} == ROLES


@pytest.mark.parametrize("column", PERSONS)
async def test_commands_on_a_socket(hotel: House, column: str) -> None:
    one, found = PERSONS[column], dict[str, bool]()
    async with client(hotel.gateway, own_token(column, hotel.own)) as ws:
        for name in section("Commands"):
            await ws.say("pub", id=f"{new_id()}", cmd=name, d=body_of(name, one))
            answer = await ws.hear("ack", "nack")
            found[name] = answer.get("code") not in FORBIDDEN
            if found[name] and name in BODIES:
                assert answer["t"] == "ack", (name, answer)
    assert found == {name: row[column] for name, row in section("Commands").items()}


@pytest.mark.parametrize("column", PERSONS)
async def test_commands_over_rest(hotel: House, column: str) -> None:
    """At /api/websocket/events, and at each path that takes them: there those only, for those who may."""
    one, page = PERSONS[column], section("Commands")
    head = {"Authorization": f"Bearer {own_token(column, hotel.own)}"}
    async with hotel.gateway.web(headers=head) as web:

        async def let_in(path: str, name: str, said: str, **more: Any) -> bool:
            body = {"id": new_id(), "cmd": said, "d": body_of(name, one)} | more
            answer = await web.post(path, json=body)
            assert answer.status_code < 500, (path, name, answer.text)
            return answer.status_code != 403

        for path, route in matrix.routes().items():
            if not matrix.commands_of(route) or path == "POST /api/chat/typing":
                continue
            bare = not path.endswith("/events")
            for name in matrix.commands_of(route):
                said = name.partition(".")[2] if bare else name
                assert await let_in(path.partition(" ")[2], name, said) is page[name][column], (path, name)


def asked(name: str, own: str, one: Claims) -> dict[str, Any]:
    """A request that is valid, as far as who may make it goes."""
    mine = f"thread-{one.user_id}"
    if name == matrix.LISTEN:
        return {"params": {"ch": f"property:{own}", "poll": "1"}}
    bodies: dict[str, Any] = NAMES_THE_HOTEL | {
        "POST /api/chat/typing": {"thread_id": mine},
        "PUT /api/notifications/preferences": {"switches": []},
        "POST /api/notifications/push": BROWSER,
        "DELETE /api/notifications/push": {"endpoint": BROWSER["endpoint"]},
        "POST /api/notifications/push/beacon": {
            "notification_id": "n", "subscription_id": "s", "state": "shown",
        },
    }  # fmt: skip
    if name in bodies:
        named = {"property_id": own} if name in NAMES_THE_HOTEL else {}
        return {"json": bodies[name] | named}
    return {"params": {"thread_id": mine} if name == "GET /api/chat/messages" else {}}


@pytest.mark.parametrize("column", PERSONS)
async def test_paths(hotel: House, column: str) -> None:
    one, seen, refused = PERSONS[column], list[str](), list[str]()
    page = section("REST")
    for name, route in matrix.routes().items():
        if name == "POST /api/auth/session" or (matrix.commands_of(route) and "typing" not in name):
            continue
        method, _, path = name.partition(" ")
        # Signing out ends a token, and a session is a cookie: each call has a fresh one.
        own = own_token(column, hotel.own)
        cookie = name == "POST /api/auth/refresh"
        head = {"Cookie": f"concierge_session={own}"} if cookie else {"Authorization": f"Bearer {own}"}
        async with hotel.gateway.web(headers=head) as web:
            answer = await web.request(method, path, **asked(name, hotel.own, one))
        assert answer.status_code not in (401, 422), (name, answer.text)
        assert answer.status_code < 500, (name, answer.text)
        if answer.status_code == 403:
            refused.append(name)
        elif method == "GET" and path.startswith("/api/"):
            assert answer.status_code == 200, (name, answer.text)
        seen.append(name)
    assert refused == [name for name in seen if not page[name][column]]


async def test_without_a_token_only_what_the_page_says(hotel: House) -> None:
    text = (ROOT / "docs" / "reference" / "permissions.md").read_text()
    async with hotel.gateway.web() as nobody:
        for name, route in matrix.routes().items():
            if name == "POST /api/auth/session":  # its code is the token
                continue
            more = {"json": {}} if matrix.commands_of(route) else asked(name, hotel.own, PERSONS["guest"])
            answer = await nobody.request(*name.split(" "), **more)
            assert (answer.status_code == 401) is (f"| `{name}`, without a token |" not in text), name
