"""What a client reads of the gateway's frames is what the gateway says."""

from __future__ import annotations

import msgspec

from gateway.asyncapi import SERVER
from gateway.client import frames


def test_every_field_is_one_that_the_gateway_sends() -> None:
    for kind in frames.Frame.__args__:
        info = msgspec.structs.fields(kind)
        _, needed, more = SERVER[kind.__struct_config__.tag]
        assert {field.name for field in info} <= needed.keys() | more.keys()
        assert {field.name for field in info if field.required} <= needed.keys()


def test_unknown_fields_are_passed_over() -> None:
    found = frames.read('{"t":"ack","id":"1","cur":"x","later":[1]}')
    assert found == frames.Ack("1")
