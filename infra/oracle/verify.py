"""The whole product against its log: answers, tables and live values, while it goes on.

Everything is held against one vector of offsets: what the sink says it has written, and what each live value
says it reflects. What comes later is not judged.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.oracle import compare, rows
from infra.oracle.answers import AGENTS, Judge
from infra.oracle.marks import STATES, Marks
from infra.oracle.reading import Span, spans
from infra.oracle.snapshots import FOLDERS, Snapshots
from infra.runtime import kafka
from infra.runtime.program import program
from infra.runtime.settings import Settings
from schemas import topics as t

SHOWN = 20
INPUTS = tuple(topic.name for _, inputs in AGENTS for topic in inputs)
FACTS = tuple(topic.name for topic, _ in AGENTS)
# Live values before what they reflect, answers before their inputs, which then need not be decoded.
TOPICS = tuple(dict.fromkeys((*FOLDERS, *STATES, "settings", *FACTS, *INPUTS, *rows.TABLES)))

# (topic, records done, of all)
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Report:
    """What was looked at and what differs. `vector`: topic/partition -> offset up to which tables were held.

    `behind`: records on the log that the sink had not written; `owed`: inputs whose answer was not there yet;
    `entities`: of the agents' own snapshots, which are looked at where all hotels are.
    """

    equal: bool = True
    records: int = 0
    answers: int = 0
    foreign: int = 0
    owed: int = 0
    behind: int = 0
    wrong_answers: int = 0
    values: int = 0
    wrong_values: int = 0
    entities: int = 0
    rows: int = 0
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    more: int = 0
    vector: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def json(self) -> dict[str, Any]:
        return asdict(self)


async def verify(settings: Settings, property_id: str, progress: Progress) -> Report:
    """Folds the log and compares, all hotels or one. Raises KafkaError, ShortRead, clickhouse-connect's."""
    warehouse = await asyncio.to_thread(compare.client, settings)
    try:
        # whatever is asked of the broker waits behind the fetch before it
        async with kafka.reader(settings, fetch_max_wait_ms=5) as consumer:
            return await _Pass(settings, property_id, warehouse, consumer, progress).run()
    finally:
        await asyncio.to_thread(warehouse.close)


class _Pass:
    """One reading of the log."""

    def __init__(
        self,
        settings: Settings,
        property_id: str,
        warehouse: Any,
        consumer: AIOKafkaConsumer,
        progress: Progress,
    ) -> None:
        self._count = settings.partitions
        self._property_id = property_id
        self._partitions = (
            [t.partition_of(property_id, self._count)] if property_id else list(range(self._count))
        )
        self._warehouse, self._consumer, self._progress = warehouse, consumer, progress
        self._tables = compare.Tables(warehouse, property_id)
        self._judge = Judge(self._count)
        self._snapshots = Snapshots()
        self._marks = Marks(program())
        self._report = Report()

    async def run(self) -> Report:
        began, now = time.monotonic(), round(time.time() * 1000)
        every = [TopicPartition(topic, p) for topic in TOPICS for p in self._partitions]
        begins, ends = await self._consumer.beginning_offsets(every), await self._consumer.end_offsets(every)
        total = sum(ends[tp] - begins[tp] for tp in every)
        written = await asyncio.to_thread(compare.written, self._warehouse)
        for tp in every:
            held = min(written.get((tp.topic, tp.partition), 0), ends[tp])
            if tp.topic in rows.TABLES:
                self._report.vector[f"{tp.topic}/{tp.partition}"] = held
                self._report.behind += ends[tp] - max(held, begins[tp])
            end = ends[tp]
            if tp.topic in (*FACTS, "settings"):  # a live value may know what came after the question
                end = max(
                    end,
                    self._snapshots.end(tp.topic, tp.partition, self._count),
                    self._marks.end(tp.topic, tp.partition),
                )
            self._marks.begin(tp.topic, tp.partition, begins[tp])
            if begins[tp] >= end:
                continue
            async for span in spans(self._consumer, tp, begins[tp], end):
                await asyncio.to_thread(self._take, span, held)
                self._report.records += len(span.records)
                self._progress(tp.topic, self._report.records, total)
        self._sum_up(now)
        self._report.seconds = round(time.monotonic() - began, 2)
        return self._report

    def _take(self, span: Span, held: int) -> None:
        """One span: rows below `held` against the tables, records to the judge and the folds."""
        if span.topic in rows.TABLES and span.first < held:
            self._tables.take(span.before(held))
        for logged in span.records:
            if self._property_id not in ("", logged.hotel):
                continue
            if span.topic in (*INPUTS, *FACTS):
                self._judge.take(logged)
            if span.topic in FOLDERS:
                self._snapshots.state(logged)
            elif span.topic == "settings":
                self._snapshots.settings(logged)
            elif span.topic in STATES:
                self._marks.state(logged)
            elif span.topic in FACTS:
                self._snapshots.take(logged)
                self._marks.take(logged)

    def _sum_up(self, now: int) -> None:
        report, verdict = self._report, self._judge.verdict()
        report.answers, report.foreign = verdict.answers, verdict.foreign
        report.owed, report.values = len(verdict.unanswered), self._snapshots.count()
        for name, table in self._tables.found.items():
            report.rows += table.rows
            report.tables[name] = {
                "rows": table.rows,
                "hash": f"{table.digest:032x}",
                "lacks": table.lacks,
                "surplus": table.surplus,
                "unmerged": table.unmerged,
            }
        report.entities = self._marks.count()
        values = [*self._snapshots.differences(now), *self._marks.differences()]
        rows = [example for table in self._tables.found.values() for example in table.examples]
        differences = [*verdict.faults, *rows, *values]
        report.wrong_answers, report.wrong_values = len(verdict.faults), len(values)
        report.equal = not differences
        report.differences, report.more = differences[:SHOWN], max(0, len(differences) - SHOWN)
