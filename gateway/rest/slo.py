"""/api/slo: what canary clients saw of this house's promises. For everybody: figures, nobody's data."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Response

from gateway.rest.wire import give, told
from gateway.state import Live
from schemas.records.slo import SloReport

router = APIRouter(tags=["slo"])
# The auditor says every half minute how it is.
SILENT_MS = 120_000


class Slo(msgspec.Struct):
    """The auditor's newest report. `silent_since`: when it was said, where that is too long ago; ms."""

    now: int
    report: SloReport | None
    silent_since: int | None


@router.get("/api/slo", **told(Slo))
async def slo(live: Live) -> Response:
    """Latencies by type of event, uptimes of canary clients, and what they did not hear as the log says it.

    Needs no sign-in. `report` is null until an auditor has said something.
    """
    now, report = live.clock(), live.model.slo
    silent = report.at if report is not None and now - report.at > SILENT_MS else None
    return give(Slo(now, report, silent))
