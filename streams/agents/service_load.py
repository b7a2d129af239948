"""Service load: the queue of each department."""

from __future__ import annotations

from infra.runtime.settings import Settings
from schemas import topics
from streams.agents.folder import Folder
from streams.rules.folding import Kind
from streams.rules.service_load import Fold

KIND = Kind("service_load", (topics.SERVICES,), topics.SERVICE_LOAD_STATE, Fold)


def make(settings: Settings) -> Folder:
    """The part of a worker."""
    return Folder(settings, KIND)
