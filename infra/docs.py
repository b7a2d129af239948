"""`python -m infra.docs`: the reference pages and types that are made from code; a test holds them equal."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from prometheus_client.metrics import MetricWrapperBase
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from gateway import matrix, payloads
from infra import typescript
from infra.cli import COMMANDS, load
from infra.hints import Notation
from infra.migrations import dictionary
from infra.runtime import metrics
from infra.runtime.settings import Settings
from schemas.topics import DAY_MS, FOREVER, MINUTE_MS, TOPICS

ROOT = Path(__file__).parent.parent


def topics_page() -> str:
    """docs/reference/topics.md."""
    lines = [
        "# Topics",
        "",
        "Made from `schemas/topics.py` by `python -m infra.docs`. All have the same number of partitions",
        "(`CONCIERGE_PARTITIONS`); the key is the hotel's id, on compacted topics `hotel/kind/id`.",
        "",
        "| topic | records | written by | kept | time stamp | clients see it |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for topic in TOPICS:
        records = ", ".join(f"`{record.__name__}`" for record in topic.records)
        stamp = "broker" if topic.broker_time else "sender"
        live = "yes" if topic.live else ""
        lines.append(
            f"| `{topic.name}` | {records} | {topic.writer} "
            f"| {_kept(topic.retention_ms, compacted=topic.compacted)} | {stamp} | {live} |"
        )
    return "\n".join(lines) + "\n"


def _kept(retention_ms: int, *, compacted: bool) -> str:
    if compacted:
        return "compacted"
    if retention_ms == FOREVER:
        return "for ever"
    return f"{retention_ms // DAY_MS} d" if retention_ms >= DAY_MS else f"{retention_ms // MINUTE_MS} min"


def settings_page() -> str:
    """docs/reference/settings.md."""
    lines = [
        "# Settings",
        "",
        "Made from `infra/runtime/settings.py` by `python -m infra.docs`. Each is an environment variable;",
        "secrets are also read from `secrets.env` in the data folder. The environment wins.",
        "",
        "| variable | default | what it is |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        description = (field.description or "").replace("|", "\\|")
        lines.append(f"| `CONCIERGE_{name.upper()}` | {_default(field.default)} | {description} |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if isinstance(value, SecretStr):
        return "secret"
    if value is PydanticUndefined or value == "":
        return ""
    return f"`{value}`".replace("|", "\\|")


def cli_page() -> str:
    """docs/reference/cli.md: each command's help."""
    lines = [
        "# The `concierge` command",
        "",
        "Made from the commands' help by `python -m infra.docs`. What a person must mend is one sentence",
        "on stderr and exit code 1 (2: a wrong argument); `--json` prints one object as the last line. In a",
        "clone the command is `.venv/bin/concierge`, or `concierge` after `source .venv/bin/activate`.",
    ]
    for name, (_, short) in COMMANDS.items():
        lines += ["", f"## `concierge {name}`", "", short]
        lines += _help(f"concierge {name}", load(name))
    return "\n".join(lines) + "\n"


def _help(path: str, command: Any) -> list[str]:
    """The command's help, and that of the commands below it."""
    lines = ["", "```"]
    with command.make_context(path, [], resilient_parsing=True, terminal_width=100) as context:
        lines += [line.rstrip() for line in command.get_help(context).strip().splitlines()]
        lines.append("```")
    for name, below in getattr(command, "commands", {}).items():
        lines += ["", f"### `{path} {name}`", *_help(f"{path} {name}", below)]
    return lines


def metrics_page() -> str:
    """docs/reference/metrics.md."""
    lines = [
        "# Metrics",
        "",
        "Made from `infra/runtime/metrics.py` by `python -m infra.docs`. Every process serves its own at",
        "`/metrics`: gateways on their own port, the others on `CONCIERGE_PROBE_PORT`. `concierge up` counts",
        "those up from `CONCIERGE_PROBE_BASE_PORT`: workers, sink, push, warehouse, dashboard, supervisor,",
        "simulator, auditor. The embedded Kafka has no page; of it, as of each part, the supervisor says",
        "whether it is ready, how often it was started again and how long its last answer took.",
        "",
        "| metric | kind | labels | what it is |",
        "| --- | --- | --- | --- |",
    ]
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            lines.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |")
    return "\n".join(lines) + "\n"


def events_page() -> str:
    """docs/reference/events.md."""
    lines = [
        "# Events",
        "",
        "Made from `gateway/payloads.py` by `python -m infra.docs`: what `d` of each type holds, and the",
        "snapshot of a `subbed`. As JSON schemas they are in [AsyncAPI](asyncapi.json); the Python client",
        "gives them as these classes (`event.data`). What has a default may be absent.",
    ]
    shapes: dict[str, type[msgspec.Struct]] = {f"`{name}`": one for name, one in payloads.PAYLOADS.items()}
    shapes |= {shape.__name__: shape for shape in payloads.ENTITIES}
    for title, shape in shapes.items():
        lines += ["", f"## {title}", "", " ".join((shape.__doc__ or "").split()), ""]
        lines += ["| field | type | default |", "| --- | --- | --- |", *_fields(shape)]
    return "\n".join(lines) + "\n"


def _fields(shape: type[msgspec.Struct]) -> list[str]:
    hints = get_type_hints(shape, include_extras=True)
    lines = []
    for field in msgspec.structs.fields(shape):
        default = "" if field.required else "empty"
        if field.default not in (msgspec.NODEFAULT, ""):
            default = msgspec.json.encode(field.default).decode()
        lines.append(f"| `{field.name}` | {_PROSE.written(hints[field.name])} | {default} |")
    return lines


_PROSE = Notation(
    words={
        str: "text", int: "whole number", float: "number", bool: "true or false", Any: "anything",
        datetime.date: "date (ISO 8601)", type(None): "null",
    },
    millis="ms since 1970", money="decimal number, as text", struct="[{name}](#{anchor})", word="`{}`",
    of_words=", ", of_types=" or ", many="list of {}", by_text="map of {}",
)  # fmt: skip


PAGES = {
    "docs/reference/events.md": events_page,
    "docs/reference/topics.md": topics_page,
    "docs/reference/settings.md": settings_page,
    "docs/reference/cli.md": cli_page,
    "docs/reference/metrics.md": metrics_page,
    "docs/reference/tables.md": dictionary.page,
    "docs/reference/permissions.md": matrix.page,
    "gateway/web/js/core/events.d.ts": typescript.page,
}


def main() -> None:
    for name, page in PAGES.items():
        (ROOT / name).write_text(page())


if __name__ == "__main__":
    main()
