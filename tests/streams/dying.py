"""Death at a failpoint inside this process: what it was doing ends there, and nothing after it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.runtime import failpoints


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def at(failpoint: str) -> Iterator[None]:
    """Raises Killed where the process would die; what is `_sent` is then under way."""
    part, _, step = failpoint.partition(".")

    def die(passing_part: str, passing_step: str) -> None:
        if (passing_part, passing_step) == (part, step):
            raise Killed(failpoint)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failpoints, "passed", die)
        yield
