"""Errors as a ClickHouse server words them: code, name, text and HTTP status."""

from __future__ import annotations

import re

_REPORT = re.compile(r"Code: (\d+)\. DB::Exception: (.*)", re.DOTALL)
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)\s*(?:\(version [^)]*\)\.?)?\s*$")
_VERSION_NOTE = re.compile(r" \(version [0-9.]+[^)]*\)\.? *(?=\(|$)")

# The server's own table (src/Server/HTTP/exceptionCodeToHTTPStatus): every other code is 500.
_STATUS = {
    401: (194,),
    403: (192, 193, 497, 512, 516),
    400: (6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376),
    404: (46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511),
    408: (159,),
    411: (381,),
    413: (229,),
    415: (779,),
    501: (48,),
    503: (76, 209, 439),
}
_STATUS_OF = {code: status for status, codes in _STATUS.items() for code in codes}
_STATUS_OF.update(dict.fromkeys((427, 441, 675, 676), 400))


class ClickHouseError(Exception):
    """An error a client gets: `code` and `name` as in ClickHouse, and one sentence."""

    def __init__(self, code: int, name: str, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.name = name
        self.text = text
        self.status = status or _STATUS_OF.get(code, 500)

    def report(self, version: str) -> str:
        """The body of the answer, as a server says it."""
        return f"Code: {self.code}. DB::Exception: {self.text} ({self.name}) (version {version})\n"


def printable(text: str) -> str:
    """Text of a header as an answer may repeat it: bytes that are no UTF-8 become question marks."""
    return text.encode("utf-8", "replace").decode()


def from_engine(problem: BaseException) -> ClickHouseError:
    """chDB's text taken apart. A text without a code becomes 1002 (UNKNOWN_EXCEPTION)."""
    text = str(problem)
    found = _REPORT.search(text)
    if found is None:
        return ClickHouseError(1002, "UNKNOWN_EXCEPTION", text.strip() or type(problem).__name__)
    body = _VERSION_NOTE.sub(" ", found[2]).strip()
    named = _NAME.search(body)
    name = named[1] if named else "UNKNOWN_EXCEPTION"
    return ClickHouseError(int(found[1]), name, (body[: named.start()] if named else body).strip())


def denied(text: str) -> ClickHouseError:
    """What a user may not do (497)."""
    return ClickHouseError(497, "ACCESS_DENIED", text)


def bad_argument(text: str) -> ClickHouseError:
    """A request that cannot be understood (36)."""
    return ClickHouseError(36, "BAD_ARGUMENTS", text)


def too_large(text: str) -> ClickHouseError:
    """A request above one of our bounds (413)."""
    return ClickHouseError(307, "TOO_MANY_BYTES", text, 413)


def going_down() -> ClickHouseError:
    """No new queries while the process drains."""
    return ClickHouseError(
        236, "ABORTED", "The warehouse is stopping: send the query again in a moment.", 503
    )
