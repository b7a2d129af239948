"""The protocol's core: any input, any order; it answers, closes or goes on, and never raises."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateway.claims import Claims
from gateway.errors import Unauthorized
from gateway.protocol import MAX_RESUMED, Close, Send, Session, Sub, Verify
from infra.runtime.settings import Settings

SETTINGS = Settings()
CLAIMS = Claims("u", "staff", "h", "U", None, None, (), 0, 1_000_000, "t")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(["hello", "sub", "unsub", "pub", "got", "auth", "ping", "other"])
FRAMES = st.fixed_dictionaries(
    {"t": KINDS}, optional={"v": JSON, "ch": JSON, "id": JSON, "cmd": JSON, "d": JSON, "token": JSON}
)


def opened() -> Session:
    session = Session("s", 0, SETTINGS)
    session.received('{"t":"hello","v":1,"token":"x","resume":{"ops:h":"c"}}')
    effects = session.verified(CLAIMS, {"ops:h": "c"})
    assert isinstance(effects[0], Send)
    assert effects[1] == Sub(ch="ops:h", cur="c")
    return session


@given(st.lists(st.binary(max_size=50) | st.text(max_size=50) | FRAMES.map(msgspec.json.encode), max_size=8))
def test_whatever_comes_nothing_breaks_and_nothing_follows_a_close(frames: list[Any]) -> None:
    for session in (Session("s", 0, SETTINGS), opened()):
        for frame in frames:
            was_closed = session.closed
            text = frame.decode(errors="replace") if isinstance(frame, bytes) else frame
            effects = session.received(text)
            assert not (was_closed and effects)
            assert all(one.code == 4400 for one in effects if isinstance(one, Close))


@given(st.lists(FRAMES.filter(lambda frame: frame["t"] not in ("hello", "auth")), min_size=1, max_size=100))
def test_frames_of_one_message_are_as_those_of_many(frames: list[dict[str, Any]]) -> None:
    one, many = opened(), opened()
    together = one.received(msgspec.json.encode(frames).decode())
    assert together == [
        effect for frame in frames for effect in many.received(msgspec.json.encode(frame).decode())
    ]


def test_too_many_or_no_frames_at_once_are_not_the_protocol() -> None:
    for count in (0, 101):
        frames = msgspec.json.encode([{"t": "ping"}] * count).decode()
        assert opened().received(frames) == [Close(4400, "1 to 100 frames at once")]
    assert len(opened().received(msgspec.json.encode([{"t": "ping"}] * 100).decode())) == 100
    begun = Session("s", 0, SETTINGS).received('[{"t":"hello","v":1},{"t":"ping"}]')
    assert begun == [Close(4400, "hello comes first, and alone")]


@given(FRAMES)
def test_before_hello_only_hello_goes_on(frame: dict[str, Any]) -> None:
    effects = Session("s", 0, SETTINGS).received(msgspec.json.encode(frame).decode())
    assert all(isinstance(one, Verify | Close) for one in effects)


def test_a_hello_with_far_too_many_channels_is_not_the_protocol() -> None:
    resume: dict[str, str | None] = {f"room:h:{number}": None for number in range(MAX_RESUMED + 1)}
    hello = {"t": "hello", "v": 1, "resume": resume}
    one = Session("s", 0, SETTINGS)
    assert one.received(msgspec.json.encode(hello).decode()) == [Close(4400, "too many channels")]
    resume.popitem()
    assert Session("s", 0, SETTINGS).received(msgspec.json.encode(hello).decode()) == [Verify("", resume)]


def test_time_closes_warns_and_beats() -> None:
    assert Session("s", 0, SETTINGS).tick(4_999, 0, 0, None) == []
    assert Session("s", 0, SETTINGS).tick(5_000, 5_000, 0, None) == [Close(4008, "no hello")]
    assert opened().tick(15_000, 15_000, 3, "c") == [Send({"t": "beat", "count": 3, "cur": "c"})]
    kinds = [one.frame["t"] for one in opened().tick(950_000, 950_000, 0, None) if isinstance(one, Send)]
    assert kinds == ["auth_expiring", "beat"]
    assert opened().tick(1_000_000, 1_000_000, 0, None) == [Close(4101, "token_expired")]
    assert opened().tick(60_000, 0, 0, None) == [Close(4008, "dead")]


def test_a_rejected_token_says_its_code_and_another_persons_is_forbidden() -> None:
    over = Unauthorized("token_expired", "", 4101)
    assert Session("s", 0, SETTINGS).rejected(over) == [Close(4101, "token_expired")]
    other = Claims("v", "staff", "h", "V", None, None, (), 0, 1_000_000, "t")
    assert opened().verified(other, {}) == [Close(4403, "another person's token")]


def test_too_large_is_closed_with_its_own_code() -> None:
    assert opened().received("ä" * 40_000) == [Close(4413, "frame too large")]
