"""A worker whose place in the group another one took leaves before it takes the place back.

aiokafka joins again at once when the group does not know its member, and so throws out the worker that has
its id now: two live ones with one id would starve each other in silence. Two private methods are hooked:
aiokafka is pinned, and a test fails when the originals change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiokafka.consumer.group_coordinator import GroupCoordinator

ORIGINALS_SHA256 = "99fac44fd7a256b279e6e06bc1e47fc836c82e60a047cebaa99cb7d412694949"
# aiokafka has no name for it.
FENCED_INSTANCE_ID = 82

_reset_generation = GroupCoordinator.reset_generation
_send_req = GroupCoordinator._send_req


def install(leave: Callable[[str], None]) -> None:
    """From now on, in this process: `leave(instance id)`, which ends it, where the group forgot a member."""

    def reset_generation(self: Any) -> None:
        if self._group_instance_id and self.member_id and not self._closing.done():
            leave(self._group_instance_id)
        _reset_generation(self)

    async def send_req(self: Any, request: Any) -> Any:
        found = await _send_req(self, request)
        if getattr(found, "error_code", 0) == FENCED_INSTANCE_ID:
            leave(self._group_instance_id)
        return found

    GroupCoordinator.reset_generation = reset_generation
    GroupCoordinator._send_req = send_req
