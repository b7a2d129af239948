"""What a manager's socket must have said of the log on `ops:{hotel}`, by event type, in order. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.oracle.answers import facts_of
from infra.oracle.reading import Log
from schemas import topics as t
from schemas.codec import Undecodable
from schemas.facts import counts, said
from schemas.records.base import AnswerHeader

ANSWERS = {"service_request_updated": t.SERVICES, "room_status_changed": t.ROOMS}
SHOWN = ("room_status_changed", "discrepancy_found")
# A snapshot that repeats an older one is not told, so none of these must come.
FOLDS = {
    "occupancy_updated": t.OCCUPANCY_STATE,
    "service_load_updated": t.SERVICE_LOAD_STATE,
    "staff_performance_updated": t.PERFORMANCE_STATE,
    "revenue_updated": t.REVENUE_STATE,
}


@dataclass(slots=True)
class Wanted:
    """Event ids in the order of the log: `may` come, and those that `must`."""

    may: list[str] = field(default_factory=list)
    must: set[str] = field(default_factory=set)


def expected(log: Log, property_id: str) -> dict[str, Wanted]:
    """By event type. A fact's event has the fact's id, a snapshot's is `topic/offset`."""
    found = {name: Wanted() for name in (*ANSWERS, *FOLDS)}
    for name, topic in ANSWERS.items():
        for records in log.of(topic.name).values():
            for logged in records:
                try:
                    answer = logged.record()
                except Undecodable:
                    continue
                assert isinstance(answer, AnswerHeader)
                if answer.property_id == property_id and counts(answer, logged.offset):
                    _answer(answer, found[name])
    for name, topic in FOLDS.items():
        for records in log.of(topic.name).values():
            for one in records:
                if one.hotel == property_id:
                    found[name].may.append(f"{topic.name}/{one.offset}")
    return found


def _answer(answer: AnswerHeader, wanted: Wanted) -> None:
    for fact in facts_of(answer):
        body = said(fact)
        wanted.may.append(fact.fact_id)
        # Of the house's facts only some are about a room as it is shown; these always are.
        if type(answer).__name__ == "ServicesAnswer" or (body and body[0] in SHOWN):
            wanted.must.add(fact.fact_id)


def faults(wanted: Wanted, heard: list[str]) -> list[str]:
    """How what was heard differs: missing, again, unknown, out of order."""
    found = []
    place = {one: number for number, one in enumerate(wanted.may)}
    if missing := wanted.must - set(heard):
        found.append(f"{len(missing)} never came: {sorted(missing)[:3]}")
    if unknown := [one for one in heard if one not in place]:
        found.append(f"{len(unknown)} are not on the log: {unknown[:3]}")
    if len(set(heard)) < len(heard):
        found.append(f"{len(heard) - len(set(heard))} came again")
    places = [place[one] for one in heard if one in place]
    if places != sorted(places):
        found.append("they came out of order")
    return found
