"""Python's types of what clients hear, written for people or for another language."""

from __future__ import annotations

import builtins
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from schemas.record import Millis, Money


@dataclass(frozen=True, slots=True)
class Notation:
    """How types are written. `words`: those without parts; the others are formats of one part, or what joins
    them: a class by its `{name}` and `{anchor}`, a word of several, a list, a map by text.
    """

    words: Mapping[Any, str]
    millis: str
    money: str
    struct: str
    word: str
    of_words: str
    of_types: str
    many: str
    by_text: str

    def written(self, hint: Any) -> str:
        """A type as `get_type_hints` gives it, with its extras."""
        args = get_args(hint)
        if hint == Millis:
            return self.millis
        if hint == Money:
            return self.money
        match get_origin(hint):
            case None if hint in self.words:
                return self.words[hint]
            case None:
                return self.struct.format(name=hint.__name__, anchor=hint.__name__.lower())
            case typing.Annotated:
                return self.written(args[0])
            case typing.Literal:
                return self.of_words.join(self.word.format(one) for one in args)
            case builtins.list:
                return self.many.format(self.written(args[0]))
            case builtins.dict:
                return self.by_text.format(self.written(args[1]))
            case _:
                return self.of_types.join(self.written(one) for one in args)
