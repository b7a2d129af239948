"""Is a part that lives to be ended, because it no longer answers? Pure: gets what its checks said and when.

Only silence ends a part. One that answers "not ready" works on it or waits for an engine, and a restart
would make it begin again. A worker without progress ends itself (`streams/agents/progress.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.supervisor.health import Silent

SILENT_SECONDS = 60.0
"""A part that has answered since its start."""

STARTING_SECONDS = 300.0
"""A part that has not: Kafka loads its log before it answers, a gateway the state of all hotels."""

NOT_READY_SECONDS = 60.0
"""So long "not ready" with a reason is said once: people should know, though nothing is restarted."""


@dataclass(slots=True)
class Stall:
    """The checks of one life of a part. `began`: seconds of the clock that `ended` and `late` are given."""

    began: float
    heard: float | None = None
    ready: float | None = None
    silent: bool = True
    said: bool = False

    def look(self, reason: str | None, now: float) -> None:
        """Takes note of one check."""
        self.silent = isinstance(reason, Silent)
        if not self.silent:
            self.heard = now
        if reason is None:
            self.ready, self.said = now, False

    def ended(self, now: float) -> float | None:
        """For how many seconds it has been silent, if that is too long."""
        since, bound = (self.heard, SILENT_SECONDS) if self.heard else (self.began, STARTING_SECONDS)
        return now - since if now - since >= bound else None

    def late(self, now: float) -> bool:
        """True once when it was not ready for NOT_READY_SECONDS, and again only after it was.

        Not where it fell silent: that it is ended for it is said then.
        """
        fell_silent = self.silent and self.heard is not None
        if self.said or fell_silent or now - (self.ready or self.began) < NOT_READY_SECONDS:
            return False
        self.said = True
        return True
