"""The supervisor's own /metrics: which part is ready, how often it was started again, how fast it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from infra.supervisor.child import Child


@contextmanager
def served(children: Sequence[Child], host: str, port: int) -> Iterator[None]:
    """Serves them at `host` from a thread; each value is the child's own at the moment it is asked for."""
    # Imported when all is ready: 0.1 s of CPU that a start does not need.
    from infra.runtime import probe_thread
    from infra.runtime.metrics import PART_ANSWER_SECONDS, PART_READY, PART_RESTARTS

    for child in children:
        PART_READY.labels(child.part.name).set_function(child.ready.is_set)
        PART_RESTARTS.labels(child.part.name).set_function(partial(getattr, child, "restarts"))
        if not child.part.once:
            answer = PART_ANSWER_SECONDS.labels(child.part.name)
            answer.set_function(partial(getattr, child, "answer_seconds"))

    def trouble() -> str | None:
        waiting = [child.part.name for child in children if not child.ready.is_set()]
        return f"not ready: {', '.join(waiting)}" if waiting else None

    with probe_thread.serve(host, port, trouble):
        yield
