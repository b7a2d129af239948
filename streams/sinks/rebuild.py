"""Tables made anew while the sink goes on: requests one after the other, the swap in the loop's own turn.

| dies after | what the next owner of the partition does |
| --- | --- |
| shadows created, rows in them | drops them and begins again |
| some tables swapped | the same: both old and new hold all that was written |
| all swapped, not said | the same, once more for nothing |
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from clickhouse_connect.driver.exceptions import OperationalError

from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from streams.sinks import requests
from streams.sinks.attempt import Attempt
from streams.sinks.batch import Marks
from streams.sinks.fits import Bound
from streams.sinks.requests import Request
from streams.sinks.shadow import Shadow
from streams.sinks.share import Lost
from streams.sinks.warehouse import Warehouse, first_line

ASK_SECONDS = 2.0
SAY_SECONDS = 1.0
# Records that the loop's turn may have to read before the swap: some 50 ms.
NEAR_RECORDS = 200
# Tries of a request that fails though both engines answer.
MOST_TRIES = 3
# These pass, however long they take.
_AWAY = (KafkaError, kafka.ShortRead, OperationalError, OSError)

log = structlog.get_logger()


class Rebuild:
    """For one generation of a share. `written`: the first offset that the tables do not hold yet.

    `check` is as `Share.check`, for the generation. `may`: cleared by the loop while it has records to write;
    a rebuild waits then.
    """

    def __init__(
        self,
        settings: Settings,
        check: Callable[[], None],
        written: Mapping[TopicPartition, int],
        marks: Marks,
        bounds: Mapping[str, list[Bound]],
        stop: asyncio.Event,
    ) -> None:
        self.may = asyncio.Event()
        self._stop = stop
        self._settings, self._written, self._marks, self._bounds = settings, written, marks, bounds
        self._numbers = frozenset(tp.partition for tp in written)
        self._check = check
        self._near: tuple[Attempt, asyncio.Future[None]] | None = None
        self._tries: Counter[tuple[str, int]] = Counter()

    async def run(self) -> None:
        """Until it is cancelled or the partitions are lost. Raises nothing: the sink's own work goes on."""
        while True:
            try:
                warehouse = await asyncio.to_thread(Warehouse, self._settings)
                try:
                    await self._look(warehouse)
                finally:
                    warehouse.close()
            except (Lost, Problem):
                return
            except Exception as error:
                log.warning("rebuild waits", error=first_line(error))
                await asyncio.sleep(ASK_SECONDS)

    async def _look(self, warehouse: Warehouse) -> None:
        """Serves what is asked, for ever."""
        while True:
            if found := await asyncio.to_thread(requests.first, warehouse.client, self._numbers):
                await self._serve(warehouse, found)
            else:
                await asyncio.sleep(ASK_SECONDS)

    async def turn(self) -> bool:
        """In the loop's turn, while nothing is in flight: the last records of what is near, and the swap.

        Not while a table is ahead of `written`, as after a kill: the rows above would be gone, and the window
        of the insert tokens, which a swap does not clear, would drop them when they come again.
        False: nothing may be written any more.
        """
        if self._near is None:
            return True
        (attempt, swapped), self._near = self._near, None
        ends = {tp: self._written[tp] for tp in attempt.at}
        ahead = any(
            (topic, partition) == (tp.topic, tp.partition) and mark >= end
            for tp, end in ends.items()
            for (_, topic, partition), mark in self._marks.items()
        )
        if ahead:
            self._near = attempt, swapped
            return True
        try:
            await attempt.advance(ends)
            await asyncio.to_thread(attempt.shadow.swap, self._check)
        except Exception as error:
            # Whether a swap that was not answered is still to come is unknown: not once there is no shadow.
            sure = await self._dropped(attempt.shadow)
            swapped.set_exception(error)
            return sure
        swapped.set_result(None)
        return True

    async def _dropped(self, shadow: Shadow) -> bool:
        while not self._stop.is_set():
            try:
                self._check()
                await asyncio.to_thread(shadow.drop)
            except (Lost, Problem):
                return False
            except Exception as error:
                log.warning("a rebuild's table can't be dropped", error=first_line(error))
                await asyncio.sleep(ASK_SECONDS)
            else:
                return True
        return False

    async def _serve(self, warehouse: Warehouse, request: Request) -> None:
        """One partition of a request, to its end or its failure; raises what may pass."""
        try:
            done = await self._made(warehouse, request)
        except (Lost, Problem, *_AWAY):
            raise
        except Exception as error:
            tried = (request.id, request.partition)
            self._tries[tried] += 1
            log.warning("rebuild failed", partition=request.partition, error=first_line(error))
            if self._tries[tried] < MOST_TRIES:
                raise
            said = await asyncio.to_thread(requests.of, warehouse.client, request.id)
            last = next(one for one in said if one.partition == request.partition)
            failed = last.next(state="failed", note=first_line(error))
            await asyncio.to_thread(requests.say, warehouse.client, failed)
        else:
            await asyncio.to_thread(requests.say, warehouse.client, done)
            log.info("rebuilt", partition=done.partition, tables=done.tables, rows=done.rows)

    async def _made(self, warehouse: Warehouse, request: Request) -> Request:
        """Shadows made, filled and swapped in; what to say of it."""
        shadow = Shadow(warehouse, request.tables, request.partition)
        try:
            await asyncio.to_thread(shadow.create)
            async with kafka.reader(self._settings, fetch_max_wait_ms=5) as consumer:
                attempt = Attempt(
                    self._settings, consumer, shadow, request.tables, request.partition, self._bounds
                )
                begins = await consumer.beginning_offsets(list(attempt.at))
                of = sum(max(0, self._written[tp] - begins[tp]) for tp in attempt.at)
                said = time.monotonic()

                async def say() -> None:
                    nonlocal request, said
                    self._check()
                    await asyncio.sleep(0)
                    await self.may.wait()
                    if time.monotonic() - said > SAY_SECONDS:
                        request = request.next(
                            state="running", records=attempt.records, of=of, left_out=attempt.left_out
                        )
                        await asyncio.to_thread(requests.say, warehouse.client, request)
                        said = time.monotonic()

                request = request.next(state="running", of=of)
                await asyncio.to_thread(requests.say, warehouse.client, request)
                behind = NEAR_RECORDS + 1
                while behind > NEAR_RECORDS:
                    ends = {tp: self._written[tp] for tp in attempt.at}
                    await attempt.advance(ends, say)
                    behind = sum(self._written[tp] - at for tp, at in attempt.at.items())
                swapped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._near = attempt, swapped
                await swapped
                rows = await asyncio.to_thread(shadow.rows)
                return request.next(
                    state="done", records=attempt.records, of=attempt.records, rows=rows,
                    left_out=attempt.left_out,
                )  # fmt: skip
        finally:
            self._near = None
            await asyncio.to_thread(shadow.drop)
