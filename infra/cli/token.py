"""`concierge token`: a token for curl, a client or a test."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from infra.cli.output import Json, last_line
from infra.runtime import settings, tokens
from infra.runtime.problems import Problem

LONGEST = 200
"""Characters of a claim, as `gateway/claims.py` takes it."""

ROLES = ("guest", "staff", "manager", "admin", "system", "data")


def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    property_id: Annotated[str, typer.Option("--property", help='Hotel; "*" for the whole group.')],
    user: Annotated[str, typer.Option(help="User id; default: the role.")] = "",
    name: Annotated[str, typer.Option(help="Name that others see.")] = "",
    room: Annotated[str | None, typer.Option(help="Room id of a guest.")] = None,
    stay: Annotated[str | None, typer.Option(help="Reservation id of a guest.")] = None,
    department: Annotated[
        list[str] | None, typer.Option(help="Department of staff; may be repeated.")
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=60 * 24 * 366, help="How long it holds.")] = 60,
    json: Json = False,
) -> None:
    """Make a token. Example: concierge token --role staff --property harbour --department housekeeping"""
    if role not in ROLES:
        raise Problem(f"{role!r} is no role: use one of {', '.join(ROLES)}.")
    if property_id == "*" and role not in ("admin", "system"):
        raise Problem(
            f'Only an admin or a system is of the whole group: name the hotel of this {role}, not "*".'
        )
    texts = {"property": property_id, "user": user or role, "name": name, "room": room, "stay": stay}
    for option, text in texts.items():
        if (text is not None and len(text) > LONGEST) or (text == "" and option != "name"):
            raise Problem(f"--{option} must have 1 to {LONGEST} characters: the gateway takes no others.")
    loaded = settings.load()
    payload = tokens.claims(
        loaded,
        user_id=user or role,
        role=role,
        property_id=property_id,
        now=int(time.time()),
        minutes=minutes,
        name=name,
        room=room,
        stay=stay,
        departments=department or (),
    )
    made = tokens.sign(loaded, payload)
    if json:
        last_line({"token": made, "claims": payload})
    else:
        typer.echo(made)
