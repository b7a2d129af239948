"""Hypothesis strategies that make any record from its annotations."""

from __future__ import annotations

import datetime
import types
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from schemas.record import MONEY_SCALE, Record

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
_MONEY = st.integers(-(10**9), 10**9).map(lambda units: Decimal(units).scaleb(-MONEY_SCALE))


def records(record: type[Record]) -> st.SearchStrategy[Any]:
    """Any valid instance of `record`, nested records included."""
    hints = get_type_hints(record, include_extras=True)
    fields = {field.name: _values(hints[field.name]) for field in msgspec.structs.fields(record)}
    return st.fixed_dictionaries(fields).map(lambda values: record(**values))


def _values(hint: Any) -> st.SearchStrategy[Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(args)
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in args if arg is not type(None))
        return st.none() | st.deferred(lambda: _values(inner))
    if origin is Literal:
        return st.sampled_from(args)
    if origin is list:
        return st.lists(_values(args[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(_WORDS, _values(args[1]), max_size=2)
    if isinstance(hint, type) and issubclass(hint, Record):
        return records(hint)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: _WORDS,
        int: st.integers(-(2**40), 2**40),
        float: st.floats(allow_nan=False, width=32),
        bool: st.booleans(),
        bytes: st.binary(max_size=12),
        Decimal: _MONEY,
        datetime.date: st.dates(),
    }
    return plain[hint]


def _annotated(args: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    base, metas = args[0], [arg for arg in args[1:] if isinstance(arg, msgspec.Meta)]
    if base is int and any(meta.ge is not None for meta in metas):
        low = max(int(meta.ge) for meta in metas if meta.ge is not None)
        high = min((int(meta.le) for meta in metas if meta.le is not None), default=1000)
        return st.integers(low, high)
    if base is str and any(meta.min_length for meta in metas):
        return _WORDS.filter(bool)
    return _values(base)
