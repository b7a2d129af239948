"""`concierge token` makes what the gateway's verification takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.claims import verify
from infra.runtime.settings import SECRETS_FILE, parse, read
from infra.supervisor import secrets
from tests.infra.cli.test_cli import concierge


def test_a_token_that_the_gateway_takes(tmp_path: Path) -> None:
    secrets.ensure(tmp_path)
    done = concierge(
        "token", "--role", "staff", "--property", "harbour", "--department", "spa", "--json", folder=tmp_path
    )
    found = json.loads(done.stdout.splitlines()[-1])
    claims = verify(found["token"], read(parse((tmp_path / SECRETS_FILE).read_text())))
    assert (claims.user_id, claims.role, claims.property_id) == ("staff", "staff", "harbour")
    assert claims.departments == ("spa",)
    assert claims.expires_at - claims.issued_at == 60 * 60 * 1000


def test_without_a_key_it_says_what_to_do(tmp_path: Path) -> None:
    done = concierge("token", "--role", "guest", "--property", "harbour", folder=tmp_path)
    assert done.returncode == 1
    assert "start `concierge up` once" in done.stderr


def test_a_guest_is_never_of_the_whole_group(tmp_path: Path) -> None:
    done = concierge("token", "--role", "guest", "--property", "*", folder=tmp_path)
    assert done.returncode == 1
    assert "name the hotel of this guest" in done.stderr


@pytest.mark.parametrize("wrong", [{"property": ""}, {"user": "u" * 201}, {"room": ""}])
def test_what_the_gateway_would_not_take_is_not_made(wrong: dict[str, str], tmp_path: Path) -> None:
    secrets.ensure(tmp_path)
    given = {"role": "guest", "property": "harbour"} | wrong
    arguments = [word for option, text in given.items() for word in (f"--{option}", text)]
    done = concierge("token", *arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"--{next(iter(wrong))} must have 1 to 200 characters")
