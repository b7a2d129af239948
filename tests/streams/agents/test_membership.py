"""The private methods of aiokafka that are hooked are still those that were read, and say what they must."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator

from streams.agents import membership


def test_the_hooked_methods_are_those_that_were_read() -> None:
    source = inspect.getsource(membership._reset_generation) + inspect.getsource(membership._send_req)
    assert hashlib.sha256(source.encode()).hexdigest() == membership.ORIGINALS_SHA256


async def test_a_member_that_is_forgotten_leaves_and_one_that_closes_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left: list[str] = []
    for name in ("reset_generation", "_send_req"):
        monkeypatch.setattr(GroupCoordinator, name, getattr(GroupCoordinator, name))
    membership.install(left.append)
    closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    member: Any = SimpleNamespace(
        _group_instance_id="w-0", member_id="", _closing=closing, request_rejoin=lambda: None
    )
    GroupCoordinator.reset_generation(member)
    assert left == [], "it had not joined"
    member.member_id = "m"
    GroupCoordinator.reset_generation(member)
    assert (left, member.member_id) == (["w-0"], "")
    member.member_id = "m"
    closing.set_result(None)
    GroupCoordinator.reset_generation(member)
    assert left == ["w-0"]


async def test_a_fenced_member_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []
    for name in ("reset_generation", "_send_req"):
        monkeypatch.setattr(GroupCoordinator, name, getattr(GroupCoordinator, name))
    membership.install(left.append)
    codes = iter([0, membership.FENCED_INSTANCE_ID])

    async def send(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(error_code=next(codes))

    member: Any = SimpleNamespace(
        _group_instance_id="w-0", coordinator_id=1, _client=SimpleNamespace(send=send)
    )
    await GroupCoordinator._send_req(member, None)
    assert left == []
    await GroupCoordinator._send_req(member, None)
    assert left == ["w-0"]
