"""REST does what its OpenAPI says, whatever comes in: cases by Schemathesis against the running gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.openapi import document
from schemas.ids import new_id
from tests.gateway.support import Running, token

# With 12 the whole takes about 15 s; the seed is the operation itself, so every run asks the same.
EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


# The gateway runs in this process and uses `random` while cases are made in another thread.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize(
    ("role", "mode"),
    [
        ("admin", GenerationMode.POSITIVE),
        ("admin", GenerationMode.NEGATIVE),
        ("guest", GenerationMode.POSITIVE),
    ],
)
async def test_every_operation_answers_as_it_is_written(
    gateway: Running, role: str, mode: GenerationMode
) -> None:
    """To what the document allows and to what it does not: never a 5xx, never what it does not name."""
    own = "conf" + new_id()[-6:]
    house = {"name": "C", "time_zone": "Europe/Lisbon", "currency": "EUR", "departments": ["x"]}
    admin = {"Authorization": "Bearer " + token("admin", own)}
    async with gateway.web(headers=admin) as web:
        made = await web.post("/api/settings", json={"property_id": own, "property": house})
        assert made.status_code == 200, made.text
    written = document()
    # A stream does not end by itself; test_longpoll hears it.
    del written["paths"]["/api/websocket/events"]["get"]
    schema = schemathesis.openapi.from_dict(written)
    schema.config.update(base_url=gateway.url)
    operations: list[Any] = []
    for one in schema.get_all_operations():
        assert isinstance(one, Ok)
        operations.append(one.ok())
    asked: set[str] = set()

    def check(operation: Any, mode: GenerationMode) -> Callable[[], None]:
        @settings(
            max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case[Any]) -> None:
            # A person of its own each time: what is refused for its rate proves nothing.
            person = {"Authorization": "Bearer " + token(role, own, sub=new_id(), room="101")}
            case.call_and_validate(headers=person, checks=CHECKS, timeout=20)
            asked.add(operation.label)

        return ask

    def all_of_them() -> None:
        for operation in operations:
            with suppress(Unsatisfiable):  # nothing can be wrong with what takes nothing
                check(operation, mode)()

    await asyncio.to_thread(all_of_them)
    takes = {one.label for one in operations if mode is GenerationMode.POSITIVE or one.body or one.query}
    assert takes <= asked
