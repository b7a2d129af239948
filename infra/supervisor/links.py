"""Sign-in links of `concierge up`: a one-time code in the URL's fragment, minted by the gateway."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from infra.runtime import tokens
from infra.runtime.settings import Settings

# Who may look around: the first simulated hotel, a guest, a member of staff, an admin.
DEMO_PROPERTY = "harbour"
CODE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Person:
    """A demo person, as the gateway's POST /api/auth/codes takes it."""

    label: str
    page: str
    body: dict[str, object]


PEOPLE = (
    Person(
        "guest",
        "/",
        {"user_id": "demo-guest", "role": "guest", "name": "Demo Guest", "room_id": "101"},
    ),
    Person(
        "staff",
        "/",
        {
            "user_id": "demo-staff",
            "role": "staff",
            "name": "Demo Staff",
            "departments": ["housekeeping", "front_desk"],
        },
    ),
    Person("admin", "/", {"user_id": "demo-admin", "role": "admin", "name": "Demo Admin"}),
)


def mint(settings: Settings, person: Person) -> str:
    """A link that signs this person in once. OSError where the gateway refuses or does not answer."""
    payload = tokens.claims(
        settings, user_id="concierge", role="system", property_id="*", now=int(time.time()), minutes=5
    )
    request = urllib.request.Request(  # our own http address
        f"http://{settings.here}:{settings.gateway_port}/api/auth/codes",
        data=json.dumps({"property_id": DEMO_PROPERTY, "seconds": CODE_SECONDS, **person.body}).encode(),
        headers={
            "Authorization": f"Bearer {tokens.sign(settings, payload)}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # our own http address
        code = json.load(answer)["code"]
    return f"{settings.gateway_url}{person.page}#code={code}"
