"""The push services that browsers in use have: a browser's endpoint anywhere else is not pushed to (SSRF)."""

from __future__ import annotations

import re
from collections.abc import Collection

HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "*.notify.windows.com",
    "jmt17.google.com",
)
# What a name is made of: no `\` or `%2f`, which some take for the end of it.
_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


def hosts(extra: str) -> tuple[str, ...]:
    """The known ones and further ones, with `,` between."""
    return HOSTS + tuple(one.strip().lower() for one in extra.split(",") if one.strip())


def allowed(host: str, known: Collection[str] = HOSTS) -> bool:
    """Is it on the list? `*.example.com` means every name below it."""
    return _NAME.fullmatch(host) is not None and any(
        host.endswith(one[1:]) if one.startswith("*.") else host == one for one in known
    )
