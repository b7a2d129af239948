"""Who is asking: two users with passwords, by basic auth, ClickHouse's headers or URL parameters."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from infra.engines.warehouse.errors import ClickHouseError, printable


@dataclass(frozen=True, slots=True)
class Account:
    """A user; `role` is `writer` or `reader`."""

    user: str
    password: str
    role: str


class Accounts:
    """The users of this warehouse."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self._accounts = {account.user: account for account in accounts}

    def authenticate(self, headers: Mapping[str, str], params: Mapping[str, str]) -> Account:
        """The account that the request proves to be.

        Raises ClickHouseError 194 where it says nothing, 516 where user or password are wrong.
        """
        user, password = _credentials(headers, params)
        if user is None:
            raise ClickHouseError(
                194, "REQUIRED_PASSWORD", "default: Authentication failed: user and password are required."
            )
        account = self._accounts.get(user)
        known = account.password if account else "-"
        # A header may hold bytes that are no UTF-8.
        given = (password or "").encode("utf-8", "surrogateescape")
        same = hmac.compare_digest(known.encode(), given)
        if account is None or not same:
            raise ClickHouseError(
                516,
                "AUTHENTICATION_FAILED",
                f"{printable(user)}: Authentication failed: password is incorrect, "
                "or there is no user with such name.",
            )
        return account


def _credentials(headers: Mapping[str, str], params: Mapping[str, str]) -> tuple[str | None, str | None]:
    if "X-ClickHouse-User" in headers:
        return headers["X-ClickHouse-User"], headers.get("X-ClickHouse-Key", "")
    kind, _, value = headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:  # no base64, or no UTF-8
            return "", ""
        return user, password
    if "user" in params:
        return params["user"], params.get("password", "")
    return None, None
