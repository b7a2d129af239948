"""Performance: what each member of staff did."""

from __future__ import annotations

from infra.runtime.settings import Settings
from schemas import topics
from streams.agents.folder import Folder
from streams.rules.folding import Kind
from streams.rules.performance import Fold

KIND = Kind("performance", (topics.SERVICES, topics.STAFF), topics.PERFORMANCE_STATE, Fold)


def make(settings: Settings) -> Folder:
    """The part of a worker."""
    return Folder(settings, KIND)
