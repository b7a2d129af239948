"""Revenue: by business date."""

from __future__ import annotations

from schemas import topics
from streams.rules.folding import Kind
from streams.rules.revenue import Fold

KIND = Kind("revenue", (topics.ROOMS,), topics.REVENUE_STATE, Fold)
