"""Tokens of an identity provider: by its keys as they rotate, and by nothing that only looks like one."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway import keys
from gateway.errors import Unauthorized
from gateway.keys import Keys
from infra.runtime.settings import Settings
from schemas.ids import new_id
from tests.gateway.support import SECRET, settings_for, token

ISSUER = "https://id.hotel.example"
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def public(key: Any, kid: str, **more: str) -> dict[str, Any]:
    """As a provider publishes it."""
    kinds: dict[Any, Any] = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
    made: Any = next((maker for kind, maker in kinds.items() if isinstance(key, kind)), OKPAlgorithm)
    return {**made.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


def signed(key: Any, algorithm: str, kid: str | None = "one", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": "concierge-live", "sub": "anna", "role": "staff", "property": "h",
        "name": "Anna", "iat": now, "exp": now + 600, "jti": new_id(),
    }  # fmt: skip
    return jwt.encode(claims | changes, key, algorithm, headers={"kid": kid} if kid else None)


@dataclass
class Provider:
    """Serves `published`, or whatever `instead` is; counts how often it was asked."""

    published: list[dict[str, Any]] = field(default_factory=list)
    instead: web.Response | None = None
    asked: int = 0
    url: str = ""

    async def document(self, _: web.Request) -> web.Response:
        self.asked += 1
        return self.instead or web.json_response({"keys": self.published})

    @property
    def settings(self) -> Settings:
        more = {"jwks_url": self.url, "jwks_issuer": ISSUER}
        return settings_for("127.0.0.1:1").model_copy(update=more)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    found = Provider()
    app = web.Application()
    app.router.add_get("/keys", found.document)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    yield found
    await runner.cleanup()


async def refused(known: Keys, value: str) -> str:
    with pytest.raises(Unauthorized) as no:
        await known.verified(value)
    return no.value.code


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")])
async def test_a_token_of_the_provider_says_who_it_is(provider: Provider, key: Any, algorithm: str) -> None:
    provider.published = [public(key, "one")]
    known = Keys(provider.settings)
    claims = await known.verified(signed(key, algorithm))
    assert (claims.user_id, claims.role, claims.property_id) == ("anna", "staff", "h")
    assert (await known.verified(token("staff", "h"))).user_id == "staff-1", "our own are good, too"
    assert provider.asked == 1


async def test_keys_rotate_and_who_asks_for_unknown_ones_asks_seldom(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.published = [public(EC, "one")]
    known = Keys(provider.settings)
    await known.verified(signed(EC, "ES256"))
    provider.published = [public(ED, "two")]
    for _ in range(20):
        assert await refused(known, signed(ED, "EdDSA", "two")) == "token_invalid", "asked a moment ago"
    assert provider.asked == 1
    monkeypatch.setattr(keys, "ASK_MS", 0)
    await known.verified(signed(ED, "EdDSA", "two"))
    assert await refused(known, signed(EC, "ES256")) == "token_invalid", "what is no more published is no key"


@pytest.mark.parametrize(
    "instead",
    [
        web.Response(status=500), web.Response(status=302, headers={"location": "/elsewhere"}),
        web.Response(text="no json"), web.Response(text='{"keys": 5}'),
        web.Response(body=b" " * (keys.MAX_BYTES + 1)),
    ],
)  # fmt: skip
async def test_where_the_provider_is_away_known_keys_go_on(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, instead: web.Response
) -> None:
    monkeypatch.setattr(keys, "ASK_MS", 0)
    provider.published = [public(EC, "one")]
    known = Keys(provider.settings)
    await known.verified(signed(EC, "ES256"))
    provider.instead = instead
    assert await refused(known, signed(ED, "EdDSA", "two")) == "token_invalid"
    assert (await known.verified(signed(EC, "ES256"))).user_id == "anna"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_what_only_looks_like_a_token_of_the_provider_is_none(provider: Provider) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    shared = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(SECRET.encode()).decode()}
    provider.published = [
        {"kid": "broken", "kty": "RSA"}, {"no": "kid"}, public(weak, "weak"), shared,
        public(EC, "cipher", use="enc"), public(EC, "one"),
    ]  # fmt: skip
    known = Keys(provider.settings)
    assert (await known.verified(signed(EC, "ES256"))).user_id == "anna"
    for bad in (
        signed(EC, "ES256", None),
        signed(EC, "ES256", "cipher"),
        signed(EC, "ES256", iss="concierge"),
        signed(EC, "ES256", aud="other"),
        signed(ec.generate_private_key(ec.SECP256R1()), "ES256"),
        signed(ED, "EdDSA"),  # under the id of another kind of key
        signed(weak, "RS256", "weak"),
        signed(SECRET, "HS256", "shared"),  # ours, but of the provider's issuer
        signed(SECRET, "HS256", "one"),
    ):
        assert await refused(known, bad) == "token_invalid"
    assert await refused(known, signed(EC, "ES256", exp=int(time.time()) - 60)) == "token_expired"
    assert await refused(known, "") == "token_missing"


async def test_without_a_provider_only_our_own_are_good() -> None:
    known = Keys(settings_for("127.0.0.1:1"))
    assert (await known.verified(token("admin", "h"))).role == "admin"
    assert await refused(known, signed(EC, "ES256")) == "token_invalid"
