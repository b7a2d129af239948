"""How a socket of a bench begins."""

from __future__ import annotations

import json

from infra.bench import loads, sockets
from infra.bench.alone import Alone
from tests.gateway.support import settings_for


def test_it_says_who_it_is_and_from_where_on_it_hears(tmp_path: object) -> None:
    stand = Alone(tmp_path, settings_for("127.0.0.1:1"))  # type: ignore[arg-type]  # a path
    frame, channels = sockets.hello(stand, "h", 7, [1, 2], "here")
    said = json.loads(frame)
    assert (said["t"], said["v"], channels) == ("hello", 1, 2)
    assert said["resume"] == {f"thread:{loads.chat_id('h', chat)}": "here" for chat in (1, 2)}


def test_it_says_the_same_in_a_handshake_of_socket_io(tmp_path: object) -> None:
    stand = Alone(tmp_path, settings_for("127.0.0.1:1"))  # type: ignore[arg-type]  # a path
    packet, opens = sockets.handshake(stand, "h", 7, [1, 2])
    said = json.loads(packet.removeprefix("40"))
    assert (said.keys(), opens) == ({"token", "channels"}, 1)
    assert said["channels"] == [f"thread:{loads.chat_id('h', chat)}" for chat in (1, 2)]


def test_a_text_begins_with_when_it_was_said() -> None:
    first, second = sockets.text(), sockets.text()
    assert len(first) == sockets.TEXT_BYTES
    assert float(first.split()[0]) <= float(second.split()[0])
