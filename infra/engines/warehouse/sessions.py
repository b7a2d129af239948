"""Sessions: one chDB connection each, kept between requests, closed when nobody asks for a while."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

from infra.engines.warehouse.errors import ClickHouseError


@dataclass(slots=True)
class Session:
    """A session of one user. `connection` is made by its first query."""

    busy: bool = False
    # What USE chose, and what the connection has now: a request's `database=` is for that request only.
    home: str = "default"
    current: str = "default"
    # Values of settings as the session has them, where a request has asked for others.
    settings: dict[str, str] = field(default_factory=dict)
    connection: Any = None
    timer: asyncio.TimerHandle | None = None

    def forget(self) -> None:
        """Closes the connection: the next query gets a new one, without what this session had."""
        connection, self.connection = self.connection, None
        self.home = self.current = "default"
        self.settings.clear()
        with contextlib.suppress(RuntimeError):
            connection.close()


class Sessions:
    """All sessions, by user and id. Used from the event loop only."""

    def __init__(self, most: int) -> None:
        """`most`: of each user, so that readers cannot keep the writer out."""
        self._most = most
        self._sessions: dict[tuple[str, str], Session] = {}

    def take(self, user: str, session_id: str, must_exist: bool) -> Session:
        """The session, locked. Raises ClickHouseError 373 if a query of it runs, 372 if it is missing."""
        key = (user, session_id)
        session = self._sessions.get(key)
        if session is None:
            if must_exist:
                raise ClickHouseError(372, "SESSION_NOT_FOUND", f"Session {session_id} not found.", 404)
            if sum(owner == user for owner, _ in self._sessions) >= self._most:
                raise ClickHouseError(
                    202,
                    "TOO_MANY_SIMULTANEOUS_QUERIES",
                    f"{self._most} sessions are open: close some.",
                    503,
                )
            session = self._sessions[key] = Session()
        if session.busy:
            raise ClickHouseError(
                373, "SESSION_IS_LOCKED", f"Session {session_id} is locked by a concurrent client."
            )
        if session.timer is not None:
            session.timer.cancel()
        session.busy = True
        return session

    def give_back(self, user: str, session_id: str, session: Session, seconds: int) -> None:
        """Unlocks it, and closes it after `seconds` without a request."""
        session.busy = False
        loop = asyncio.get_running_loop()
        session.timer = loop.call_later(seconds, self._expire, (user, session_id))

    def close(self) -> None:
        """Closes all that are not busy."""
        for key in list(self._sessions):
            self._expire(key)

    def _expire(self, key: tuple[str, str]) -> None:
        session = self._sessions.pop(key, None)
        if session is None:
            return
        if session.timer is not None:
            session.timer.cancel()
        if session.connection is not None and not session.busy:
            with contextlib.suppress(RuntimeError):
                session.connection.close()
