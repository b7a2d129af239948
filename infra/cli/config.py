"""`concierge config`: every setting, its value and where it comes from."""

from __future__ import annotations

import os

import typer
from pydantic import SecretStr

from infra.cli.output import Json, last_line
from infra.runtime import settings


def config(json: Json = False) -> None:
    """Show every setting, its value and source; secrets stay hidden. Example: concierge config --json"""
    loaded = settings.load()
    file = loaded.data_dir / settings.SECRETS_FILE
    kept = settings.parse(file.read_text()) if file.exists() else {}
    rows = {}
    for name in settings.Settings.model_fields:
        variable = f"CONCIERGE_{name.upper()}"
        value = getattr(loaded, name)
        source = "environment" if variable in os.environ else str(file) if variable in kept else "default"
        shown = (
            ("(hidden)" if value.get_secret_value() else "") if isinstance(value, SecretStr) else str(value)
        )
        rows[variable] = {"value": shown, "source": source}
    if json:
        last_line({"settings": rows})
        return
    width = max(map(len, rows))
    for variable, row in rows.items():
        typer.echo(f"{variable:{width}}  {row['value'] or '-'}  [{row['source']}]")
