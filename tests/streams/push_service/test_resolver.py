"""Only addresses of the open internet."""

from __future__ import annotations

import pytest

from streams.push_service.resolver import PublicResolver


async def test_a_name_of_this_machine_has_no_public_address() -> None:
    with pytest.raises(OSError, match="no public address"):
        await PublicResolver().resolve("localhost", 443)
