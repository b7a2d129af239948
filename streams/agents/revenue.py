"""Revenue: by business date."""

from __future__ import annotations

from infra.runtime.settings import Settings
from schemas import topics
from streams.agents.folder import Folder
from streams.rules.folding import Kind
from streams.rules.revenue import Fold

KIND = Kind("revenue", (topics.ROOMS,), topics.REVENUE_STATE, Fold)


def make(settings: Settings) -> Folder:
    """The part of a worker."""
    return Folder(settings, KIND)
