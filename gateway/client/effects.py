"""What the core wants done by the shell around it, and what it has to tell. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import Refused
from gateway.payloads import Told, read
from gateway.protocol import EXPIRED, FORBIDDEN, PROTOCOL, SUPERSEDED, TOO_LARGE, UNAUTHORIZED

_CLOSED = {
    EXPIRED: (401, "token_expired"),
    PROTOCOL: (400, "protocol"),
    UNAUTHORIZED: (401, "token_invalid"),
    FORBIDDEN: (403, "forbidden"),
    SUPERSEDED: (409, "superseded"),
    TOO_LARGE: (413, "too_large"),
}


class Ended(Refused):
    """The gateway sent this client away for good, or it was closed."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a channel says, once, in the order of the log. `at`: ms; `d`: see the protocol's page.

    `stale`: something newer is known already of the room, request or alert it is about. Two types are the
    client's own: `snapshot` (`d` is what is true now; what was known of the channel no longer counts) and
    `refused` (`d`: code and message; a channel that was heard is not heard any more).
    """

    type: str
    ch: str
    id: str
    at: int
    cur: str | None
    d: dict[str, Any]
    stale: bool = False

    @property
    def data(self) -> Told | None:
        """`d` as a class of `gateway.payloads`; None: a newer gateway says what this client does not know."""
        return read(self.type, self.d)


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a socket; then `opened`, or `lost`."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """Close the socket; then `lost`."""


@dataclass(frozen=True, slots=True)
class Renew:
    """Get a token; then `signed`, or `unsigned`."""


@dataclass(frozen=True, slots=True)
class Say:
    """Send this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Give this to whoever listens."""

    event: Event


@dataclass(frozen=True, slots=True)
class Settled:
    """A command's id or a channel has its answer: yes, or the refusal."""

    about: str
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class End:
    """It is over."""

    why: Ended


Effect = Connect | Hangup | Renew | Say | Tell | Settled | End


def ended(code: int) -> Ended:
    """What a close code that keeps a client away means."""
    status, name = _CLOSED.get(code, (403, "refused"))
    return Ended(status, name, f"The gateway closed with {code} ({name}) and does not want this client back.")
