"""What the gateway refuses, and the one shape in which it says so."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A clear no: `code` for programs, `message` for people; a response over REST, a nack on sockets."""

    def __init__(self, status: int, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """{"error": {"code", "message", "retry_after"?}}; `retry_after` in seconds."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
        return {"error": error}


class Unauthorized(Refused):
    """No token, a forged or an expired one: 401, on sockets `close_code` (4401 or 4101)."""

    def __init__(self, code: str, message: str, close_code: int) -> None:
        super().__init__(401, code, message)
        self.close_code = close_code


def forbidden(message: str) -> Refused:
    """Known who you are, but this is not yours."""
    return Refused(403, "forbidden", message)


def unknown(what: str, name: str) -> Refused:
    """There is no such property, room, request ..."""
    return Refused(404, f"unknown_{what}", f"There is no {what} {name!r} here.")


def kafka_away() -> Refused:
    """Nothing was sent: try again after the seconds it says."""
    return Refused(503, "log_unavailable", "The log cannot be reached; nothing was sent. Try again.", 2.0)


def outcome_unknown() -> Refused:
    """It may have been written: the same id again is safe, a new one is not."""
    return Refused(503, "unknown", "It may have been written. Send the same id again to be sure.", 2.0)


def too_many(channels: int) -> Refused:
    """A connection hears that many already, or asks for more at once."""
    return Refused(400, "too_many_channels", f"At most {channels} channels a connection: leave some first.")


def too_much(wait: float) -> Refused:
    """Too much at once: again after so many seconds."""
    wait = round(wait, 3)
    return Refused(429, "rate_limited", f"Too much at once; again in {wait} s.", wait)
