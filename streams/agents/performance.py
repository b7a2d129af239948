"""Performance: what each member of staff did."""

from __future__ import annotations

from schemas import topics
from streams.rules.folding import Kind
from streams.rules.performance import Fold

KIND = Kind("performance", (topics.SERVICES, topics.STAFF), topics.PERFORMANCE_STATE, Fold)
