"""Which branches are named; that the bytes stay what avro writes, `test_codec` says for every record."""

from __future__ import annotations

from schemas import branches

INNER = {"type": "record", "name": "Inner", "fields": [{"name": "n", "type": ["null", "long"]}]}
FIELDS = [
    {"name": "plain", "type": INNER},
    {"name": "maybe", "type": ["null", "Inner"]},
    {"name": "text", "type": ["null", "string"]},
]
OUTER = {"type": "record", "name": "Outer", "fields": FIELDS}
WHOLE = {"name": "many", "type": {"type": "array", "items": OUTER}}


def test_records_that_may_be_null_are_named_however_deep_they_lie() -> None:
    plan = branches.plan({"type": "record", "name": "Whole", "fields": [WHOLE]})
    assert plan == (("many", "", True, (("maybe", "Inner", False, ()),)),)
    datum = {"many": [{"plain": {"n": 1}, "maybe": {"n": 2}, "text": "x"}, {"maybe": None}]}
    branches.name(datum, plan)
    assert datum == {
        "many": [{"plain": {"n": 1}, "maybe": ("Inner", {"n": 2}), "text": "x"}, {"maybe": None}]
    }


def test_nothing_is_planned_where_there_is_nothing_to_choose() -> None:
    assert branches.plan(INNER) == ()
