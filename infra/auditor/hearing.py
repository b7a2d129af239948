"""From what a canary is told to the audit: cursors become offsets, verdicts metrics and lines of the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog

from gateway.cursor import INDEX, BadCursor, Cursors
from infra.auditor.audit import Audit, Told, hotel_of
from infra.auditor.expected import TOPIC_OF, TOPICS
from infra.runtime import metrics

log = structlog.get_logger()
BLIND = ("reset", "unjudged")


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


class Hearing:
    """The audit, as canaries see it. `floor`: of a hotel, where the log's reader is, by topic."""

    def __init__(self, audit: Audit, cursors: Cursors, floor: Callable[[str], Mapping[str, int]]) -> None:
        self.audit = audit
        self.floor = floor
        self._cursors = cursors

    def vector(self, property_id: str, cursor: str) -> dict[str, int]:
        """By topic, the first offset that this place of a hotel does not cover. BadCursor."""
        places = self._cursors.decode(property_id, cursor)
        return {topic.name: places[INDEX[topic.name]][0] for topic in TOPICS}

    def joined(self, name: str, channel: str, cursor: str) -> None:
        """A canary was given a snapshot of a channel."""
        try:
            vector = self.vector(hotel_of(channel), cursor)
        except BadCursor:
            log.error("a cursor is not of our key", canary=name)
            return
        noted(self.audit.joined(name, channel, vector, now_ms()))

    def heard(
        self, name: str, channel: str, event_type: str, own: str, cursor: str | None, d: dict[str, Any]
    ) -> None:
        """A canary was told an event. What is said once and never replayed has no cursor and no place."""
        topic, offset = TOPIC_OF.get(event_type), d.get("offset")
        if topic is None or cursor is None or not isinstance(offset, int):
            return
        noted(self.audit.heard(name, channel, event_type, own, topic, offset, now_ms()))


def noted(found: Iterable[Told]) -> None:
    """Counts verdicts, and says in this process's log which event was not heard as it was said."""
    for canary, channel, one in found:
        if one.verdict == "heard":
            metrics.AUDIT_EVENTS.labels(one.type).inc()
            metrics.AUDIT_SECONDS.labels(one.type).observe(one.ms / 1000)
            continue
        if one.verdict == "late":
            metrics.AUDIT_LATE.inc()
        elif one.verdict in BLIND:
            metrics.AUDIT_BLIND.labels(one.verdict).inc()
        else:
            metrics.AUDIT_FAULTS.labels(one.verdict).inc()
        log.warning(one.verdict, canary=canary, channel=channel, type=one.type, event_id=one.id)
