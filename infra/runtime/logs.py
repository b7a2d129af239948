"""Structured logs: one line an event, ids bound to the context follow an event through a process, no secrets.

`logs.setup("sink", settings)` once per process, `structlog.get_logger()` everywhere,
`with structlog.contextvars.bound_contextvars(event_id=...)` around the work on one event.
Standard `logging` (aiokafka, faust, uvicorn) goes through the same processors; our own lines do not go
through `logging`, which would make each twice as expensive (113 us as JSON, 56 us without).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, TextIO

import msgspec
import structlog
from pydantic import SecretStr

from infra.runtime.settings import Settings

HIDDEN = "***"
SECRET_NAMES = re.compile(
    r"token|secret|password|authorization|cookie|private|p256dh|^auth$|^code$", re.IGNORECASE
)
"""A value under such a name is never written."""

LEAST_SECRET_LENGTH = 8
"""Shorter secrets are not looked for inside texts: an empty password would hide every gap between letters."""

_LOUD = {
    "aiokafka": "warning",
    "kafka": "warning",
    "faust": "warning",
    "mode": "warning",
    "asyncio": "warning",
}


def setup(process: str, settings: Settings) -> None:
    """Configures structlog and logging of this process to write to stdout; `process` is on every line."""
    hide, output = _Hide(settings), _Steady(sys.stdout)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        lambda _, __, event: {"process": process, **event},
    ]
    last: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, hide, _renderer(settings)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings.log_level)),
        logger_factory=structlog.WriteLoggerFactory(output),  # type: ignore[arg-type]  # writes and flushes
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_level(settings.log_level))
    for name, level in _LOUD.items():
        logging.getLogger(name).setLevel(max(_level(level), _level(settings.log_level)))


class _Steady:
    """Where a line can't be written (the disk is full), it is lost, and the work that it tells of goes on."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()


def _level(name: str) -> int:
    return logging.getLevelNamesMapping()[name.upper()]


def _renderer(settings: Settings) -> structlog.typing.Processor:
    if settings.log_format == "json":
        return _json
    return structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())


_ENCODER = msgspec.json.Encoder(enc_hook=str)


def _json(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """The line as JSON, what is none as its text. structlog's own renderer takes 4 us, this one 0.6 us."""
    try:
        return _ENCODER.encode(event).decode()
    except UnicodeEncodeError:  # half a character, as a client may send it
        return json.dumps(event, default=str)


@lru_cache(maxsize=1_000)
def _secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


class _Hide:
    """Last processor before rendering: hides values by their name, and the settings' own secrets anywhere."""

    def __init__(self, settings: Settings) -> None:
        values = (getattr(settings, name) for name in type(settings).model_fields)
        found = {value.get_secret_value() for value in values if isinstance(value, SecretStr)}
        self._secrets = sorted((s for s in found if len(s) >= LEAST_SECRET_LENGTH), key=len, reverse=True)

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {key: HIDDEN if _secret(key) else self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, HIDDEN)
            return value
        if isinstance(value, int | float):
            return value
        if isinstance(value, SecretStr):
            return HIDDEN
        if isinstance(value, dict):
            return self("", "", {str(key): inner for key, inner in value.items()})
        if isinstance(value, list | tuple):
            return [self._clean(inner) for inner in value]
        return value
