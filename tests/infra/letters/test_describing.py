"""Bytes are told as far as they are a record."""

from __future__ import annotations

from msgspec.structs import replace

from infra.letters.describing import decoded, dump, lines
from schemas.codec import encode
from schemas.records.operations import DeadLetter

LETTER = DeadLetter(
    event_id="1b9e", property_id="h", topic="rooms", partition=2, offset=7, key=b"h", value=b"\x00\xffpoison",
    reason="not in Confluent framing", found_by="sink", at=1,
)  # fmt: skip


def test_all_about_a_letter() -> None:
    said = list(lines(LETTER))
    assert "where      rooms/2 at 7" in said
    assert "outcome    open" in said
    assert "record     none: schema id 4285558633 was never published by this version" in said
    assert said[-1] == f"  0000  {'00 ff 70 6f 69 73 6f 6e':47}  ..poison"
    assert "outcome    dropped" in list(lines(replace(LETTER, outcome="dropped", value=None)))


def test_a_record_whole_cut_and_with_too_much() -> None:
    value = encode(LETTER)
    name, text = decoded(value)
    assert name.startswith("DeadLetter version ")
    assert "'found_by': 'sink'" in text
    name, wrong = decoded(value[:20])
    assert wrong.startswith("cannot be read beyond byte 20 of 20: ")
    assert decoded(value + b"abc")[2] == "and 3 bytes too many"
    assert (
        decoded(b"") == decoded(b"text") == ["none: not in Confluent framing (0x00 and a 4-byte schema id)"]
    )


def test_sixteen_bytes_a_line() -> None:
    assert [one.split()[0] for one in dump(bytes(33))] == ["0000", "0010", "0020"]
