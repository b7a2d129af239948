"""What a Socket.IO packet says, and what is none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from engineio.packet import Packet as Stock
from hypothesis import given
from hypothesis import strategies as st

from gateway import packets
from gateway.errors import Refused
from gateway.packets import frame_of, read, sound


@pytest.mark.parametrize(
    ("event", "frame"),
    [
        (["sub", "ops:h"], {"t": "sub", "ch": "ops:h"}),
        (["sub", "ops:h", "cursor"], {"t": "sub", "ch": "ops:h", "cur": "cursor"}),
        (["sub", {"ch": "ops:h", "cur": None}], {"t": "sub", "ch": "ops:h", "cur": None}),
        (["pub", {"id": "1", "cmd": "c", "d": {}}], {"t": "pub", "id": "1", "cmd": "c", "d": {}}),
        (["pub", "1", "c", {"x": 1}], {"t": "pub", "id": "1", "cmd": "c", "d": {"x": 1}}),
        (["auth", {"t": "pub", "token": "x"}], {"t": "auth", "token": "x"}),
        (["got", "cursor"], {"t": "got", "cur": "cursor"}),
        (["got", "cursor", "ops:h"], {"t": "got", "cur": "cursor", "ch": "ops:h"}),
        (["ping"], {"t": "ping"}),
        (["unsub", "ops:h", 7, 8], {"t": "unsub", "ch": "ops:h"}),
        (["dance", 7], {"t": "dance"}),
    ],
)
def test_an_event_is_a_frame(event: list[Any], frame: dict[str, Any]) -> None:
    assert frame_of(event) == frame


@pytest.mark.parametrize("event", [None, {}, [], [7], "sub", [["sub"]]])
def test_what_is_no_event(event: Any) -> None:
    with pytest.raises(ValueError, match="name"):
        frame_of(event)


@given(
    st.text(max_size=30) | st.from_regex(r"[0-6][0-9]*-?(/[a-z]*,)?[0-9]*(\[.*\]|\{.*\})?", fullmatch=True)
)
def test_whatever_comes_is_a_packet_or_a_value_error(data: str) -> None:
    try:
        found = read(data)
    except ValueError:
        return
    assert found.packet_type in (packets.CONNECT, packets.DISCONNECT, packets.EVENT, 3)


@given(st.text(max_size=5) | st.from_regex(r"[0-9][0-9]?(probe)?", fullmatch=True), st.booleans())
def test_what_is_sound_the_engine_can_read(message: str, polled: bool) -> None:
    if sound(message, polled):
        Stock(encoded_packet=message)


@pytest.mark.parametrize(
    ("message", "polled", "socket"),
    [("1", True, True), ("3", True, True), ("40", True, True), ("2probe", False, True), ("5", False, True),
     ("2", False, False), ("3probe", False, False), ("6", False, False), ("3\n", False, False),
     ("47", False, False), ("4", False, False), (b"4", False, False), (None, False, False)],
)  # fmt: skip
def test_what_a_client_may_send(message: str | bytes | None, polled: bool, socket: bool) -> None:
    assert (sound(message, True), sound(message, False)) == (polled, socket)


@pytest.mark.parametrize(
    ("auth", "names"),
    [
        ({}, []),
        ({"channels": ["b", "a", "b"]}, ["b", "a"]),
        ({"channels": ["a"], "offset": "cursor"}, ["a"]),
        ({"channels": ["a"], "offset": {"b": None, "a": "cursor"}}, ["a", "b"]),
    ],
)
def test_a_handshake_names_its_channels_where_it_may(auth: dict[str, Any], names: list[str]) -> None:
    assert msgspec.convert(auth, packets.Auth).names == names


def test_packets_as_the_protocol_of_socket_io_has_them() -> None:
    assert packets.connected("s", "p") == b'0{"sid":"s","pid":"p"}'
    assert packets.GOODBYE == b"1"
    assert packets.acked(12, [{"t": "pong"}]) == b'312[{"t":"pong"}]'
    assert packets.acked(0, []) == b"30[]"
    assert packets.event({"t": "beat", "count": 1, "cur": "c"}, True) == (
        b'2["beat",{"t":"beat","count":1,"cur":"c"},"c"]'
    )
    for frame, placed in (({"t": "beat", "count": 1}, True), ({"t": "subbed", "cur": "c"}, False)):
        (name, said) = msgspec.json.decode(packets.event(frame, placed)[1:])
        assert (name, said) == (frame["t"], frame)
    no = packets.refused(Refused(403, "revoked", "No."), "/x")
    assert no == b'4/x,{"message":"No.","data":{"error":{"code":"revoked","message":"No."}}}'
