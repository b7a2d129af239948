"""Every module has its test twin: `gateway/rest/chat.py` is tested by `tests/gateway/rest/test_chat.py`.

What has none stands here by name, with the test that proves it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("gateway", "streams", "schemas", "infra", "dashboards")
FOLDS = "test_folds.py holds it to what the agents make of the same facts"

# module or folder -> where it is tested
ELSEWHERE = {
    "gateway/state.py": "types only; every test on the running gateway goes through it",
    "gateway/peer.py": "test_socket.py and test_socketio.py: what its two kinds have in common",
    "gateway/readmodel/hotel.py": f"types only; {FOLDS}",
    "gateway/readmodel/rooms.py": FOLDS,
    "gateway/readmodel/services.py": FOLDS,
    "gateway/readmodel/staff.py": FOLDS,
    "gateway/readmodel/alerts.py": FOLDS,
    "gateway/readmodel/notifications.py": FOLDS,
    **dict.fromkeys(
        [f"streams/agents/{name}.py" for name in ("alerts", "rooms", "services", "staff")],
        "names and topics of one agent: test_catalogue.py; they run in test_ticks.py and test_worker.py",
    ),
    **dict.fromkeys(
        [f"streams/agents/{name}.py" for name in ("occupancy", "performance", "revenue", "service_load")],
        "names and topics of one folder: test_catalogue.py; they run in test_folder.py",
    ),
    "streams/push_service/delivery.py": "tests/streams/test_push.py, against a service that decrypts",
    "streams/rules/deciding.py": "the words of every decision: the test of each agent's rules",
    "streams/rules/folding.py": "test_answering.py and test_marking.py",
    "streams/rules/rooms.py": "test_rooms_commands.py, test_rooms_fold.py and test_rooms_standing.py",
    "streams/rules/reservations.py": "test_rooms_commands.py and test_rooms_fold.py",
    "streams/rules/services_commands.py": "test_services.py",
    "streams/sinks/place.py": "test_batch.py and test_rows.py",
    "streams/sinks/reading.py": "test_loop.py: poison, foreign and unfit records, a topic that is held",
    "streams/sinks/attempt.py": "test_rebuild.py makes tables anew with it",
    "streams/sinks/writer.py": "test_loop.py: refused records, an absent warehouse",
    "streams/sinks/rows_facts.py": "test_rows.py makes every record's rows",
    "streams/sinks/rows_logs.py": "test_rows.py makes every record's rows",
    "streams/sinks/rows_states.py": "test_rows.py makes every record's rows",
    "infra/bench/bookings.py": "a measurement of what tests/infra/importer proves",
    "infra/bench/gateways.py": "what test_delivery.py kills and test_drain.py restarts",
    "infra/bench/stock.py": "the other side of test_fold.py",
    "infra/bench/stock_sockets.py": "the other side of test_fanout.py",
    "infra/bench/stock_bare.py": "the other side of test_fanout.py, as the one before",
    "infra/bench/stock_socketio.py": "the other side of test_fanout.py, as the one before",
    "infra/bench/roundtrip.py": "tests/faults/test_roundtrip.py",
    "infra/cli/simulate.py": "tests/infra/simulator/test_speaker.py runs the command",
    "infra/cli/topics.py": "test_cli.py",
    "schemas/records/": "types only; test_record.py, test_facts.py and test_codec.py take every one of them",
}


def modules() -> list[str]:
    """Every module of ours, as a path from the root."""
    found = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "node_modules" not in path.parts and path.name not in ("__init__.py", "__main__.py")
    ]
    return [one for one in found if not any(one.startswith(name) for name in ELSEWHERE)]


def test_every_module_has_a_twin() -> None:
    missing = []
    for module in modules():
        folder, _, name = module.rpartition("/")
        twin = f"tests/{folder}/test_{name}"
        if not (ROOT / twin).is_file():
            missing.append(twin)
    assert not missing, "write these, or say in test_twins.py where their modules are tested"


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_has_none_is_there(name: str) -> None:
    assert (ROOT / name).exists(), "a name of nothing"
    folder, _, module = name.rpartition("/")
    if module:
        assert not (ROOT / "tests" / folder / f"test_{module}").exists(), "it has a twin: take its name away"


def test_a_file_has_one_idea() -> None:
    """Beyond 400 lines it has two: split it. Pages, styles and scripts count, what is generated does not."""
    kinds = {".py", ".js", ".mjs", ".css", ".html", ".sql"}
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for room in (*ROOMS, "tests")
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in kinds and "node_modules" not in path.parts
        if (lines := len(path.read_text().splitlines())) > 400
    ]
    assert not long
