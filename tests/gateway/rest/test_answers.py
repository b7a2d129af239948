"""An agent's no over REST: 404 where the thing does not exist, else 409. The waiting: test_worker_answers."""

from __future__ import annotations

import msgspec
import pytest

from gateway.rest.answers import Ask, Decided, refusal
from schemas.records.base import Cause, Why
from schemas.records.rooms import RoomsAnswer


@pytest.mark.parametrize(
    ("code", "status"),
    [("unknown_room", 404), ("not_found", 404), ("already_accepted", 409), ("", 409)],
)
def test_a_no_has_its_status_and_its_reason(code: str, status: int) -> None:
    answer = RoomsAnswer(
        event_id="e", property_id="h", recorded_at=1, actor_id="a", actor_role="guest", causation_id="c",
        cause=Cause(topic="t", partition=0, offset=0), expected=0, verdict="refused", code=code,
        why=Why(rule="r", sentence="because"), facts=[],
    )  # fmt: skip
    no = refusal(answer)
    assert (no.status, no.code, no.message) == (status, code or "refused", "because")


def test_a_command_says_nothing_else_and_an_answer_only_what_there_is() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"id":"a","cmd":"b","d":{},"actor_id":"me"}', type=Ask)
    assert msgspec.json.encode(Decided("a", "c", "pending")) == b'{"id":"a","cur":"c","verdict":"pending"}'
