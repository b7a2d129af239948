"""The queue twice: by the folder and by counting."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from infra.oracle.folds.service_load import Plain
from schemas.records import services as said
from streams.rules.service_load import Fold
from tests.infra.oracle.folds.alike import assert_alike
from tests.schemas.facts import SERVICES
from tests.streams.rules.test_service_load import requested


@given(SERVICES)
def test_the_folder_says_what_is_counted(facts: list[Any]) -> None:
    assert_alike(Fold("h"), Plain(), facts)


def test_a_request_moves_to_the_department_it_was_last_wanted_of() -> None:
    bodies: list[dict[str, Any]] = [
        {"requested": requested("a", "spa")},
        {"accepted": said.ServiceAccepted(request_id="a", staff_id="s")},
        {"requested": requested("a")},
    ]
    facts = [said.ServicesFact(fact_id=str(n), occurred_at=n, **body) for n, body in enumerate(bodies)]
    values = assert_alike(Fold("h"), Plain(), facts)
    assert (values["housekeeping"]["accepted"], values["spa"]["accepted"]) == (1, 0)
    assert values["housekeeping"]["oldest_open_at"] == 0
