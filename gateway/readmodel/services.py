"""Facts of service requests, applied. Returns the id of the request a fact is about."""

from __future__ import annotations

from gateway.readmodel.hotel import Hotel
from schemas import words
from schemas.facts import said
from schemas.records.services import RequestWords, ServicesFact
from schemas.requests import state_of


def apply(hotel: Hotel, fact: ServicesFact, offset: int) -> str | None:
    """Applies one fact and says which request it is about."""
    found = said(fact)
    if found is None:
        return None
    request_id = str(getattr(found[1], "request_id"))  # noqa: B009  # every body of this family has it
    if hotel.reflects("request_words", request_id, offset):
        return request_id
    known = hotel.request_words.get(request_id)
    facts = words.added(known.facts if known else [], fact)
    hotel.request_words[request_id] = RequestWords(request_id=request_id, facts=facts)
    if (request := state_of(facts)) is not None:
        hotel.requests[request_id] = request
    hotel.versions["request", request_id] = hotel.versions["request_words", request_id] = offset
    return request_id
