"""Service load: the queue of each department."""

from __future__ import annotations

from schemas import topics
from streams.rules.folding import Kind
from streams.rules.service_load import Fold

KIND = Kind("service_load", (topics.SERVICES,), topics.SERVICE_LOAD_STATE, Fold)
