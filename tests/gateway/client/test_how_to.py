"""The example of docs/how-to/write-a-client.md does what the page says."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from schemas.ids import new_id
from tests.gateway.client.test_client import furnished
from tests.gateway.support import Running, token
from tests.patience import patience

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-client.md"


async def test_the_example_runs(gateway: Running, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    program = tmp_path / "example.py"
    program.write_text(example)
    own, request_id = "doc" + new_id()[-6:], new_id()
    await furnished(gateway, own)
    ana = token("staff", own, sub="ana", departments=["housekeeping"])
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        env=os.environ | {"HOTEL_URL": gateway.url, "HOTEL_TOKEN": ana, "PYTHONPATH": str(PAGE.parents[2])},
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    try:
        async with patience():
            assert await child.stdout.readline() == b"open: 0\n"
            await gateway.request(own, request_id, staff_id="ana")
            assert await child.stdout.readline() == b"accepted: towels for room 101\n"
    finally:
        child.terminate()
        await child.wait()
