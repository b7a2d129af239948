"""The example of docs/how-to/use-socket-io.md does what the page says."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

from schemas.ids import new_id
from tests.gateway.client.test_client import furnished
from tests.gateway.stock import stock
from tests.gateway.support import Running, token
from tests.patience import patience
from tests.web.node import NODE, packages

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-socket-io.md"


async def test_the_example_runs(gateway: Running, tmp_path: Path) -> None:
    (example,) = re.findall(r"```js\n(.*?)```", PAGE.read_text(), re.DOTALL)
    program = tmp_path / "answers.mjs"
    program.write_text(example)
    (tmp_path / "node_modules").symlink_to(packages())
    own = "doc" + new_id()[-6:]
    await furnished(gateway, own)
    ana = {"HOTEL_URL": gateway.url, "HOTEL_TOKEN": token("staff", own, sub="ana"), "HOTEL_USER": "ana"}
    child = await asyncio.create_subprocess_exec(
        NODE, "--preserve-symlinks", program, env=os.environ | ana, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        async with patience(), stock(gateway.url, {"token": token("staff", own, sub="ben")}) as ben:
            assert await child.stdout.readline() == b"connected\n"
            opening = {"id": new_id(), "cmd": "chat.open", "d": {"kind": "staff", "members": ["ana"]}}
            await ben.tell(emit=["sub", "user:ben"])
            await ben.event("subbed")
            assert (await ben.ask("pub", opening))[0]["t"] == "ack"
            thread = (await ben.event("thread_updated"))["d"]["thread_id"]
            assert (await ben.ask("sub", f"thread:{thread}"))[0]["t"] == "subbed"
            saying = {"id": new_id(), "cmd": "chat.send", "d": {"thread_id": thread, "text": "Hello!"}}
            assert (await ben.ask("pub", saying))[0]["t"] == "ack"
            assert await child.stdout.readline() == b"ben: Hello!\n"
            texts = [(await ben.event("new_message"))["d"]["text"] for _ in range(2)]
            assert texts == ["Hello!", "You said: Hello!"]
            assert await child.stdout.readline() == b"answered\n"
    finally:
        child.terminate()
        await child.wait()
