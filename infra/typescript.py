"""Types of what clients hear, for JavaScript: `gateway/web/js/core/events.d.ts`."""

from __future__ import annotations

import datetime
from typing import Any, get_type_hints

import msgspec

from gateway import payloads
from infra.hints import Notation

TYPESCRIPT = Notation(
    words={
        str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown",
        datetime.date: "string", type(None): "null",
    },
    millis="number", money="string", struct="{name}", word='"{}"', of_words=" | ", of_types=" | ",
    many="Array<{}>", by_text="Record<string, {}>",
)  # fmt: skip


def page() -> str:
    """The whole file."""
    lines = [
        "// Made from gateway/payloads.py by `python -m infra.docs`. Times are ms since 1970, money is text.",
        "",
    ]
    for shape in dict.fromkeys([*payloads.PAYLOADS.values(), *payloads.ENTITIES]):
        lines += [
            f"/** {' '.join((shape.__doc__ or '').split())} */",
            f"export interface {shape.__name__} {{",
        ]
        hints = get_type_hints(shape, include_extras=True)
        for field in msgspec.structs.fields(shape):
            mark = "" if field.required else "?"
            lines.append(f"  {field.name}{mark}: {TYPESCRIPT.written(hints[field.name])};")
        lines += ["}", ""]
    lines += ["/** What `d` of each type holds. */", "export interface Told {"]
    lines += [f"  {name}: {shape.__name__};" for name, shape in payloads.PAYLOADS.items()]
    lines += ["}", ""]
    lines += [
        "/** An event: `switch (frame.type)` tells what `frame.d` is. `at`: ms; signals have no `cur`. */",
        "export type Ev = { [Type in keyof Told]: {",
        '  t: "ev"; type: Type; ch: string; id: string; at: number; d: Told[Type]; cur?: string;',
        "} }[keyof Told];",
    ]
    return "\n".join(lines) + "\n"
