"""Each kind of type is written as its notation says, nested too."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from infra.docs import _PROSE
from infra.typescript import TYPESCRIPT
from schemas.record import Id, Millis, Money
from schemas.records.rooms import RoomState


@pytest.mark.parametrize(
    ("hint", "prose", "typescript"),
    [
        (Id, "text", "string"),
        (Millis | None, "ms since 1970 or null", "number | null"),
        (list[Money], "list of decimal number, as text", "Array<string>"),
        (Literal["a", "b"], "`a`, `b`", '"a" | "b"'),
        (list[Literal["a", "b"]], "list of `a`, `b`", 'Array<"a" | "b">'),
        (dict[str, RoomState], "map of [RoomState](#roomstate)", "Record<string, RoomState>"),
        (dict[str, Any], "map of anything", "Record<string, unknown>"),
    ],
)
def test_a_type_is_written_for_people_and_for_programs(hint: Any, prose: str, typescript: str) -> None:
    assert _PROSE.written(hint) == prose
    assert TYPESCRIPT.written(hint) == typescript
