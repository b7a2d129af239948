"""A person's client, with tokens signed here: for simulators, benches and tests that hold the secret."""

from __future__ import annotations

import time
from typing import Any

from gateway.client import Client
from infra.runtime import tokens
from infra.runtime.settings import Settings

TOKEN_MINUTES = 60


def token(settings: Settings, **person: Any) -> str:
    """A token for an hour. `person`: arguments of `tokens.claims`."""
    now = int(time.time())
    return tokens.sign(settings, tokens.claims(settings, now=now, minutes=TOKEN_MINUTES, **person))


def client(settings: Settings, **person: Any) -> Client:
    """Not yet entered; its tokens are made anew as they expire."""

    async def fresh() -> str:
        return token(settings, **person)

    return Client(settings.gateway_url, fresh)
