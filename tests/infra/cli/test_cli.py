"""The command's frame: quick help, an example each, one sentence for a Problem."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.cli import COMMANDS, load
from tests.patience import PATIENCE


def concierge(*arguments: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with a data folder of its own and nothing of this shell's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CONCIERGE_")}
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        env={**clean, "CONCIERGE_DATA_DIR": str(folder), **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_help_lists_every_command_and_imports_none(tmp_path: Path) -> None:
    done = concierge("--help", folder=tmp_path)
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    heavy = ("aiokafka", "chdb", "faust", "fastapi", "pydantic", "rich.live", "streamlit")
    code = "import sys, infra.cli; print(*(name for name in sys.argv[1:] if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_an_example(name: str) -> None:
    command = load(name)
    assert f"Example: concierge {name}" in (command.help or "")


def test_a_problem_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    done = concierge("run", "nothing", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("There is no part 'nothing': use one of kafka,")
    assert done.stderr.count("\n") == 1


def test_an_unknown_command(tmp_path: Path) -> None:
    done = concierge("fly", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "No such command 'fly': see `concierge --help`.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("up", "--rooms", "none"), "Invalid value for '--rooms': input should be a valid integer"),
        (("token", "--role", "guest"), "Missing option '--property': see `concierge token --help`."),
        (("tail",), "Missing argument 'TOPIC'"),
        (("doctor", "--loud"), "No such option: --loud"),
        (("migrate", "now"), "Got unexpected extra argument"),
    ],
)
def test_a_bad_argument_is_one_sentence(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = concierge(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.lower().startswith(says.lower())
    assert done.stderr.endswith(f": see `concierge {arguments[0]} --help`.\n")
    assert done.stderr.count("\n") == 1


def test_a_bad_setting_is_one_sentence(tmp_path: Path) -> None:
    done = concierge("config", folder=tmp_path, CONCIERGE_KAFKA_PORT="all")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CONCIERGE_KAFKA_PORT can't be used: input should be a valid integer")
    assert done.stderr.count("\n") == 1


def test_up_says_which_port_is_taken(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = concierge("up", folder=tmp_path, CONCIERGE_KAFKA_PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_topics_as_json(tmp_path: Path) -> None:
    done = concierge("topics", "--json", folder=tmp_path)
    assert "rooms" in [topic["name"] for topic in json.loads(done.stdout.splitlines()[-1])["topics"]]


@pytest.mark.parametrize("arguments", [("tail", "rooms"), ("topics", "check"), ("run", "prepare")])
def test_an_unreadable_certificate_is_one_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    away = {"CONCIERGE_KAFKA_URL": "127.0.0.1:1", "CONCIERGE_KAFKA_SECURITY_PROTOCOL": "SSL"}
    done = concierge(*arguments, folder=tmp_path, **away, CONCIERGE_KAFKA_CA_FILE=str(tmp_path / "no.pem"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Kafka at 127.0.0.1:1 does not answer (FileNotFoundError): start it with")


def test_migrate_without_a_warehouse_is_one_sentence(tmp_path: Path) -> None:
    done = concierge("migrate", "--status", folder=tmp_path, CONCIERGE_CLICKHOUSE_URL="http://127.0.0.1:1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(
        "The warehouse at http://127.0.0.1:1 did not let the writer in (Connection refused): check"
    )


def test_topics_check_without_a_broker_is_one_sentence(tmp_path: Path) -> None:
    done = concierge("topics", "check", folder=tmp_path, CONCIERGE_KAFKA_URL="127.0.0.1:1")
    assert done.returncode == 1
    assert "Kafka at 127.0.0.1:1 does not answer" in done.stderr.splitlines()[-1]
