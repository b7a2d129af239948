"""/api/facts: what property systems, rosters and files say, in batches, onto the intake topics."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any, Literal, cast, get_args, get_type_hints

import msgspec
from fastapi import APIRouter, Depends, Response

from gateway.auth import Admin
from gateway.commands import check_id, hotel_of
from gateway.outlet import write
from gateway.rest.wire import MAX_BULK_BYTES, body_of, give, told
from gateway.state import Live
from infra.runtime import metrics
from schemas import topics as T
from schemas.codec import encode
from schemas.facts import said
from schemas.ids import derived_id, source_id
from schemas.record import Id, Line
from schemas.records.base import FactHeader, IntakeHeader
from schemas.records.operations import DeadLetter
from schemas.records.rooms import RoomsIntake
from schemas.records.services import ServicesIntake
from schemas.records.staff import StaffIntake
from schemas.topics import Topic

router = APIRouter(tags=["facts"])
MAX_FACTS = 10_000
MAX_BATCH_BYTES = 256 * 1024

INTAKE: dict[str, tuple[Topic, type[IntakeHeader]]] = {
    "rooms": (T.ROOMS_INTAKE, RoomsIntake),
    "services": (T.SERVICES_INTAKE, ServicesIntake),
    "staff": (T.STAFF_INTAKE, StaffIntake),
}


class Intake(msgspec.Struct, forbid_unknown_fields=True):
    """Facts of one source about one hotel, in its order. Each is a fact of that topic; `source_system` is
    the batch's, and `fact_id` may be left out where `source_event_id` is there.
    """

    id: Id
    property_id: Id
    topic: Literal["rooms", "services", "staff"]
    source_system: Line
    facts: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_FACTS)]


class Bad(msgspec.Struct):
    """A fact that was not taken: its place in the list and why. It is kept as a dead letter."""

    index: int
    message: str


class Taken(msgspec.Struct):
    """What became of the facts: taken ones are on the intake topic, in so many batches."""

    taken: int
    batches: int
    invalid: list[Bad]


@router.post("/api/facts", **told(Taken, Intake, also=(404, 429, 503)))
async def intake(
    claims: Admin, live: Live, body: Annotated[Intake, Depends(body_of(Intake, MAX_BULK_BYTES))]
) -> Response:
    """Takes what is valid, says what is not. The same again has no second effect: facts have ids."""
    check_id(body.id)
    property_id = hotel_of(live, claims, body.property_id)
    topic, record = INTAKE[body.topic]
    # 10,000 facts take 1 s to check and 1.7 s to cut into batches: in a thread, so that no socket waits.
    facts, bad = await asyncio.to_thread(read, body, record)
    for one in bad:
        await _bury(live, property_id, topic, body, one)
    found = await asyncio.to_thread(batches, body, record, claims.user_id, facts)
    for batch in found:
        await write(live, topic, property_id, batch)
    return give(Taken(len(facts), len(found), bad))


def read(body: Intake, record: type[IntakeHeader]) -> tuple[list[FactHeader], list[Bad]]:
    """The valid facts in their order, and the others with the reason."""
    kind = cast("type[FactHeader]", get_args(get_type_hints(record)["facts"])[0])
    facts: list[FactHeader] = []
    bad: list[Bad] = []
    for index, fact in enumerate(body.facts):
        head = dict(fact, source_system=body.source_system)
        if "fact_id" not in head and isinstance(own := head.get("source_event_id"), str) and own:
            head["fact_id"] = source_id(body.property_id, body.source_system, own)
        try:
            found = msgspec.convert(head, kind)
            bodies = [name for name, value in fact.items() if isinstance(value, dict)]
            if said(found) is None or len(bodies) != 1:
                raise ValueError("exactly one fact must be said")
            _batch(record, body, "", "-", [found])
        except (msgspec.ValidationError, ValueError, OverflowError, TypeError) as error:
            bad.append(Bad(index, str(error)[:300]))
        else:
            facts.append(found)
    return facts, bad


def batches(
    body: Intake, record: type[IntakeHeader], actor_id: str, facts: list[FactHeader]
) -> list[IntakeHeader]:
    """The facts in records of at most 256 KiB; the same facts make the same records."""
    found: list[IntakeHeader] = []
    batch: list[FactHeader] = []
    size = 0
    for fact in facts:
        # A fact alone in a batch is its own size and some 150 bytes of head: an upper bound, so no surprise.
        own = len(encode(_batch(record, body, "", actor_id, [fact])))
        if batch and size + own > MAX_BATCH_BYTES:
            found.append(_batch(record, body, derived_id(body.id, len(found)), actor_id, batch))
            batch, size = [], 0
        batch.append(fact)
        size += own
    if batch:
        found.append(_batch(record, body, derived_id(body.id, len(found)), actor_id, batch))
    return found


def _batch(
    record: type[IntakeHeader], body: Intake, batch_id: str, actor_id: str, facts: list[FactHeader]
) -> IntakeHeader:
    head: dict[str, Any] = {
        "batch_id": batch_id,
        "property_id": body.property_id,
        "actor_id": actor_id,
        "source_system": body.source_system,
    }
    made = record(**head, facts=facts)  # type: ignore[call-arg]  # every intake record has facts
    encode(made)
    return made


async def _bury(live: Live, property_id: str, topic: Topic, body: Intake, bad: Bad) -> None:
    value = msgspec.json.encode(body.facts[bad.index])
    letter = DeadLetter(
        event_id=derived_id("facts", property_id, body.id, bad.index, hashlib.sha256(value).hexdigest()),
        property_id=property_id,
        topic=topic.name,
        partition=T.partition_of(property_id, live.settings.partitions),
        offset=-1,
        key=property_id.encode(),
        value=value[:MAX_BATCH_BYTES],
        reason=f"fact {bad.index} of batch {body.id}: {bad.message}",
        found_by="gateway",
        at=live.clock(),
    )
    await write(live, T.DEAD_LETTERS, property_id, letter)
    metrics.DEAD_LETTERS.labels("facts").inc()
