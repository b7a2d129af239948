"""What every reader of a fact topic needs: does this answer count, and what does a fact say."""

from __future__ import annotations

import msgspec

from schemas.record import Record
from schemas.records.base import AnswerHeader, CommandHeader, FactHeader

_HEADERS: tuple[type[Record], ...] = (FactHeader, CommandHeader)


def counts(answer: AnswerHeader, offset: int) -> bool:
    """An answer counts only where it expected to lie; anywhere else it is a zombie's."""
    return answer.expected == offset


def said(record: FactHeader | CommandHeader) -> tuple[str, Record] | None:
    """(name, body) of the one field that is set below the head; None: it is newer than this reader."""
    for name in _body_fields(type(record)):
        body = getattr(record, name)
        if body is not None:
            return name, body
    return None


_FIELDS: dict[type[Record], tuple[str, ...]] = {}


def _body_fields(record: type[Record]) -> tuple[str, ...]:
    names = _FIELDS.get(record)
    if names is None:
        heads: set[str] = set()
        for head in _HEADERS:
            if issubclass(record, head):
                heads |= {field.name for field in msgspec.structs.fields(head)}
        names = tuple(f.name for f in msgspec.structs.fields(record) if f.name not in heads)
        _FIELDS[record] = names
    return names
