"""A worker that is stopped past its session and goes on decides nothing on what it believed before."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path

from schemas import topics
from schemas.records.rooms import RoomsAnswer, RoomsCommand, RoomStatusChanged
from streams.agents.decider import EXIT_REFOLD
from tests.patience import patience
from tests.streams.bench import Bench, start_worker


async def _ask(bench: Bench, count: int) -> list[str]:
    return [
        await bench.ask(
            RoomsCommand,
            set_room_status=RoomStatusChanged(
                room_id="101", dimension="housekeeping", value=("dirty", "clean")[number % 2]
            ),
        )
        for number in range(count)
    ]


async def test_a_worker_paused_past_its_session_leaves_and_nothing_is_answered_twice(
    bench: Bench, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in "ab"]
    workers = []
    try:
        folders[0].mkdir()
        workers.append(start_worker(bench.settings, folders[0], "rooms", worker_id="a"))
        asked = await _ask(bench, 10)
        await bench.answered(topics.ROOMS, RoomsAnswer, 10)
        workers[0].send_signal(signal.SIGSTOP)
        asked += await _ask(bench, 10)
        folders[1].mkdir()
        workers.append(start_worker(bench.settings, folders[1], "rooms", worker_id="b"))
        await bench.answered(topics.ROOMS, RoomsAnswer, 20)
        workers[0].send_signal(signal.SIGCONT)
        asked += await _ask(bench, 40)
        assert await asyncio.to_thread(workers[0].wait, 60) == EXIT_REFOLD
        async with patience():
            while len(answers := await bench.answers(topics.ROOMS, RoomsAnswer)) < 60:
                # What the thawed one wrote before it left takes a place: the other folds again, as it must.
                if workers[-1].poll() is not None:
                    assert workers[-1].poll() == EXIT_REFOLD
                    workers.append(start_worker(bench.settings, folders[1], "rooms", worker_id="b"))
                await asyncio.sleep(0.1)
    finally:
        for one in workers:
            one.kill()
            one.wait()
    assert Counter(one.causation_id for one in answers) == Counter(asked)
    assert [one.causation_id for one in answers] == asked
