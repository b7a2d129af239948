"""Who is asking: two users with passwords, by basic auth, ClickHouse's headers or URL parameters."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.engines.warehouse.errors import ClickHouseError, printable


@dataclass(frozen=True, slots=True)
class Account:
    """A user; `role` is `writer` or `reader`. Of the password only a salted digest is kept."""

    user: str
    digest: bytes = field(repr=False)
    role: str

    @classmethod
    def of(cls, user: str, password: str, role: str) -> Account:
        """The user with this password."""
        return cls(user, _digest(password), role)


_SALT = os.urandom(32)


def _digest(password: str) -> bytes:
    # A header may hold bytes that are no UTF-8.
    return hashlib.blake2b(password.encode("utf-8", "surrogateescape"), key=_SALT).digest()


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
        same = hmac.compare_digest(account.digest if account else b"", _digest(password or ""))
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
