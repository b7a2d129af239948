"""Who waits hears the first answer, and only of their own hotel."""

from __future__ import annotations

import asyncio

import pytest

from gateway.answers import Answers
from gateway.errors import Refused
from schemas.records.chats import ChatEvent, MessageSent


def event(own: str, property_id: str = "h") -> ChatEvent:
    return ChatEvent(
        event_id=own, property_id=property_id, thread_id="t", actor_id="u", actor_role="guest",
        device_id="d", sequence=1, claimed_at=1, message_sent=MessageSent(text="hi"),
    )  # fmt: skip


async def test_the_first_is_the_answer_for_everyone_who_waits() -> None:
    answers = Answers()
    waiting = [asyncio.create_task(answers.wait("h", "a", 5)) for _ in range(2)]
    await asyncio.sleep(0)
    answers.chatted(event("a", "other"), ((0, 0),))
    answers.chatted(event("a"), ((1, 0),))
    answers.chatted(event("a"), ((2, 0),))
    heard = await asyncio.gather(*waiting)
    assert [one.vector if one else None for one in heard] == [((1, 0),), ((1, 0),)]
    late = await answers.wait("h", "a", 0)
    assert late is not None
    assert late.vector == ((1, 0),)


async def test_who_is_cancelled_as_the_answer_comes_stays_cancelled() -> None:
    answers = Answers()
    waiting = asyncio.create_task(answers.wait("h", "a", 5))
    await asyncio.sleep(0)
    answers.chatted(event("a"), ((1, 0),))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_an_id_stands_for_one_thing() -> None:
    answers = Answers(kept=2)
    for own in ("a", "a", "b"):
        answers.take("h", own, 1)
    with pytest.raises(Refused):
        answers.take("h", "a", 2)
    answers.take("other", "a", 2)
    answers.take("h", "a", 2)  # forgotten by now


async def test_nobody_waits_for_ever_and_old_ids_are_forgotten() -> None:
    answers = Answers(kept=2)
    assert await answers.wait("h", "never", 0.01) is None
    for own in ("a", "b", "c"):
        answers.chatted(event(own), ())
    assert answers.known("h", "a") is None
    assert answers.known("h", "c") is not None
