"""A command by REST: sent, then up to 2 s for its agent's answer."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Response

from gateway.answers import id_taken
from gateway.claims import Claims
from gateway.commands import hotel_of, submit
from gateway.counted import counted
from gateway.errors import Refused
from gateway.rest.wire import give
from gateway.state import State
from schemas.record import Id
from schemas.records.base import AnswerHeader

ANSWER_SECONDS = 2.0
# An agent's codes that mean: there is no such thing.
_NOT_FOUND = ("not_found", "unknown_")


class Ask(msgspec.Struct, forbid_unknown_fields=True):
    """A command: `id` is the sender's (UUIDv7; the same again has no second effect), `cmd` is the verb of
    this path's agent, `d` what it says. `property_id` is needed where the token is for several hotels.
    """

    id: Id
    cmd: str
    d: dict[str, Any]
    property_id: Id | None = None


class Decided(msgspec.Struct, omit_defaults=True):
    """What became of a command. `verdict` "pending": it is on the log, the answer comes as an event."""

    id: str
    cur: str
    verdict: str
    sentence: str | None = None


async def ask(live: State, claims: Claims, agent: str, body: Ask) -> Response:
    """200 accepted, 409 or 404 refused with the reason, 202 if no answer came in time. Refused otherwise."""
    with counted(name := f"{agent}.{body.cmd}", "rest"):
        property_id = hotel_of(live, claims, body.property_id)
        await submit(live, claims, property_id, body.id, name, body.d, recall=True)
    heard = await live.answers.wait(property_id, body.id, ANSWER_SECONDS)
    if heard is None or heard.answer is None:
        return give(Decided(id=body.id, cur=live.hub.cursor(property_id), verdict="pending"), 202)
    answer = heard.answer
    if answer.actor_id != claims.user_id:
        raise id_taken()
    if answer.verdict == "refused":
        raise refusal(answer)
    cur = live.hub.cursors.encode(property_id, heard.vector)
    return give(Decided(id=body.id, cur=cur, verdict="accepted", sentence=answer.why.sentence or None))


def refusal(answer: AnswerHeader) -> Refused:
    """An agent's no as REST says it: 404 where the thing does not exist, else 409."""
    status = 404 if answer.code.startswith(_NOT_FOUND) else 409
    return Refused(status, answer.code or "refused", answer.why.sentence)
