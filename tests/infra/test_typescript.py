"""An app's own types: what an event holds is known from its type, and what it does not hold is an error."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.web.node import NODE, packages

EVENTS = Path(__file__).parents[2] / "gateway" / "web" / "js" / "core" / "events.d.ts"
APP = """import type {{ Ev }} from "./events.d.ts";
export function said(frame: Ev): string {{
  switch (frame.type) {{
    case "new_message": return frame.d.{field};
    case "staff_assigned": return frame.d.request?.item ?? "";
    default: return frame.cur ?? "";
  }}
}}
"""


@pytest.mark.parametrize(("field", "good"), [("text", True), ("words", False), ("sequence", False)])
def test_typescript_knows_what_an_event_holds(tmp_path: Path, field: str, good: bool) -> None:
    (tmp_path / "events.d.ts").write_text(EVENTS.read_text())
    (tmp_path / "app.ts").write_text(APP.format(field=field))
    options = {"strict": True, "noEmit": True, "lib": ["ES2022"], "types": [], "moduleResolution": "bundler"}
    options |= {"module": "ES2022", "target": "ES2022", "allowImportingTsExtensions": True}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*.ts"]}))
    command = [str(NODE), str(packages() / "typescript" / "bin" / "tsc"), "--project", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode == 0) is good, found.stdout + found.stderr
