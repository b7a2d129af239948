"""Beneath the guard: the engine itself, behind the wall, asked without any check."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.engines.warehouse import wall
from infra.runtime.ports import free_row
from tests.fixtures_warehouse import (
    READER_PASSWORD,
    WRITER_PASSWORD,
    Warehouse,
    start_warehouse,
    stop,
    wait_ready,
)

ASKED = """
import json, sys
from pathlib import Path
from infra.engines.warehouse import wall
folder = Path(sys.argv[1]) / "warehouse"
folder.mkdir()
risen = wall.rise(folder)
from infra.engines.warehouse.config import Limits, OWNER
from infra.engines.warehouse.engine import Engine
engine = Engine(folder, "concierge", Limits(1 << 30, 1 << 29, 60, 4))
connection = engine.connect(OWNER)
said = []
for sql in sys.argv[2:]:
    try:
        said.append(bytes(connection.query(sql, "TSVRaw").bytes()).decode())
    except RuntimeError as problem:
        said.append(f"refused: {problem}")
connection.close()
engine.close()
print(json.dumps([risen, said]))
"""


def ask(folder: Path, *sql: str, walled: bool = True) -> list[str]:
    script = ASKED if walled else ASKED.replace("wall.rise(folder)", "1")
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), *sql], capture_output=True, text=True, check=True
    )
    risen, said = json.loads(done.stdout)
    if not risen:
        pytest.skip("this kernel has no Landlock")
    answers: list[str] = said
    return answers


@pytest.mark.parametrize("walled", [True, False])
def test_files_programs_and_addresses_are_out_of_reach(tmp_path: Path, walled: bool) -> None:
    """Without the wall the same questions are answered: it is the wall that refuses, not the engine."""
    (tmp_path / "secrets.env").write_text("PASSWORD=x\n")
    out = tmp_path / "out.csv"
    doors = [
        f"SELECT * FROM file('{tmp_path}/secrets.env', 'LineAsString')",
        "SELECT count() FROM file('/etc/passwd', 'LineAsString')",
        f"SELECT 1 INTO OUTFILE '{out}' FORMAT CSV",
    ]
    answers = ask(tmp_path, *doors, walled=walled)
    assert [answer.startswith("refused") for answer in answers] == [walled] * 3, answers
    assert out.exists() != walled


def test_no_connection_is_made(tmp_path: Path, warehouse: Warehouse) -> None:
    door = (
        f"SELECT * FROM url('{warehouse.url}/ping', 'LineAsString', 's String') SETTINGS http_max_tries = 1"
    )
    assert ask(tmp_path, door)[0].startswith("refused")


def test_the_engine_has_all_it_needs(tmp_path: Path) -> None:
    work = [
        "CREATE DATABASE concierge",
        "CREATE TABLE concierge.t (a UInt64, s String) ENGINE = MergeTree ORDER BY a PARTITION BY a % 7",
        "INSERT INTO concierge.t SELECT number, toString(number) FROM numbers(100000)",
        "OPTIMIZE TABLE concierge.t FINAL",
        "ALTER TABLE concierge.t DELETE WHERE a < 10 SETTINGS mutations_sync = 1",
        "RENAME TABLE concierge.t TO concierge.u",
        "SELECT count() FROM (SELECT s FROM concierge.u ORDER BY s) "
        "SETTINGS max_bytes_before_external_sort = 1",
        "SELECT toTimeZone(toDateTime('2026-07-01 00:00:00', 'UTC'), 'Europe/Vienna')",
        "DROP TABLE concierge.u SYNC",
    ]
    answers = ask(tmp_path, *work)
    assert not [answer for answer in answers if answer.startswith("refused")], answers
    assert answers[6:8] == ["99990\n", "2026-07-01 02:00:00\n"]


def test_no_password_is_in_the_environment_of_the_process(tmp_path: Path) -> None:
    process = start_warehouse(tmp_path, free_row(), SOME_TOKEN="a-secret-of-others", LANG="C.UTF-8")
    try:
        ready = json.loads(wait_ready(process))
        said = Path(f"/proc/{process.pid}/environ").read_bytes()
        for secret in (WRITER_PASSWORD, READER_PASSWORD, "a-secret-of-others", "CONCIERGE_"):
            assert secret.encode() not in said
        assert "landlock" in ready
    finally:
        assert stop(process) == 0


def test_what_is_kept_is_still_there() -> None:
    script = (
        "import os; from infra.engines.warehouse import wall; wall.empty_pockets(); "
        "print(sorted(os.environ), os.environ['LANG'], os.getenv('SECRET'))"
    )
    environment = {"LANG": "C.UTF-8", "SECRET": "x", "PATH": "/usr/bin"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout == "['LANG', 'PATH'] C.UTF-8 None\n", done.stderr
    assert set(wall.KEPT) >= {"LANG", "PATH"}
