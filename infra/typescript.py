"""Types of what clients hear, for JavaScript: `gateway/web/js/core/events.d.ts`."""

from __future__ import annotations

import builtins
import datetime
import typing
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from gateway import payloads
from schemas.record import Money

_WORDS: dict[Any, str] = {
    str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown",
    datetime.date: "string", type(None): "null",
}  # fmt: skip


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
            lines.append(f"  {field.name}{mark}: {_type(hints[field.name])};")
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


def _type(hint: Any) -> str:
    args = get_args(hint)
    if hint == Money:
        return "string"
    match get_origin(hint):
        case None:
            return _WORDS.get(hint) or str(hint.__name__)
        case typing.Annotated:
            return _type(args[0])
        case typing.Literal:
            return " | ".join(f'"{word}"' for word in args)
        case builtins.list:
            inner = _type(args[0])
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case builtins.dict:
            return f"Record<string, {_type(args[1])}>"
        case _:
            return " | ".join(_type(one) for one in args)
