"""A dead letter once more to whom it is for, and nothing doubles: inputs are sent again, answers written."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition

from infra.runtime import kafka
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas import topics as t
from schemas.codec import Undecodable, decode, encode
from schemas.ids import derived_id
from schemas.records.base import CommandHeader, IntakeHeader
from schemas.records.operations import DeadLetter
from streams.sinks import fits
from streams.sinks.batch import Batch
from streams.sinks.place import Place
from streams.sinks.rows import COLUMNS, Foreign, rows_of
from streams.sinks.warehouse import Refused, Warehouse

SINK = "sink"
# How long the tables may take to have what the log has; a sink that lives takes less than a second.
SINK_SECONDS, LOOK_SECONDS = 10.0, 0.1


@dataclass(frozen=True, slots=True)
class Replayer:
    """Replays letters; what can't be replayed is a Problem that says what to do instead."""

    settings: Settings
    producer: AIOKafkaProducer
    warehouse: Warehouse

    async def replay(self, letter: DeadLetter) -> str:
        """What was done, for people. Safe to repeat: an effect comes once."""
        topic = t.BY_NAME.get(letter.topic)
        if topic is None:
            raise Problem(
                f"{_short(letter)} came from {letter.topic}, which is no topic: mend it there and send it on."
            )
        if any(issubclass(record, CommandHeader | IntakeHeader) for record in topic.records):
            done = await self._send(letter, topic)
        elif letter.found_by == SINK:
            done = await self._write(letter)
        else:
            raise Problem(
                f"{_short(letter)} is a record that {letter.found_by} only read: it stays on {letter.topic}. "
                f"Start a {letter.found_by} that can read it, then drop the letter."
            )
        await self.close(letter, "replayed")
        return done

    async def close(self, letter: DeadLetter, outcome: str) -> None:
        """Says on the log what became of the letter."""
        said = msgspec.structs.replace(letter, value=None, at=round(time.time() * 1000), outcome=outcome)
        await self.producer.send_and_wait(
            t.DEAD_LETTERS.name,
            value=encode(said),
            key=letter.key,
            partition=min(letter.partition, self.settings.partitions - 1),
        )

    async def _whole(self, letter: DeadLetter) -> bytes:
        """The record's bytes: a long one lies in the letter cut, so the log is asked."""
        if letter.value is not None and len(letter.value) < kafka.MAX_DEAD_BYTES:
            return letter.value
        try:
            tp = TopicPartition(letter.topic, letter.partition)
            found: bytes = (await kafka.record_at(self.settings, tp, letter.offset)).value or b""
        except LookupError as error:
            raise Problem(f"{_short(letter)} is cut, and {error}: it can only be dropped.") from error
        return found

    async def _send(self, letter: DeadLetter, topic: t.Topic) -> str:
        """The input again, on its hotel's home partition.

        One that was answered where it lay, because a rule failed on it, would be taken for a repetition: it
        gets an id that derives from its own, so that it has one effect however often it is replayed. Where
        the answer is to what was sent again, the id stays the same.
        """
        value, partition, key = await self._whole(letter), letter.partition, letter.key
        try:
            record = decode(value, topic)
        except Undecodable:  # for a program that knows more than this one
            pass
        else:
            assert isinstance(record, CommandHeader | IntakeHeader)
            partition = t.partition_of(record.property_id, self.settings.partitions)
            key = record.property_id.encode()
            field = "command_id" if isinstance(record, CommandHeader) else "batch_id"
            own = getattr(record, field)
            if await self._answered(letter, record.property_id):
                record = msgspec.structs.replace(record, **{field: derived_id(own, "replay")})
                value = encode(record)
        sent = await self.producer.send_and_wait(topic.name, value=value, key=key, partition=partition)
        return f"sent again to {topic.name}/{partition} at {sent.offset}"

    async def _answered(self, letter: DeadLetter, property_id: str) -> bool:
        """Whether the agent answered it: the tables say it, once they have all that the log holds now."""
        facts = TopicPartition(letter.topic.partition(".")[0], letter.partition)
        async with kafka.reader(self.settings) as consumer:
            end = (await consumer.end_offsets([facts]))[facts]
        deadline = time.monotonic() + SINK_SECONDS
        while True:
            known = (await asyncio.to_thread(self.warehouse.progress)).get((facts.topic, facts.partition))
            if end <= (known.next_offset if known else 0):
                break
            if time.monotonic() > deadline:
                raise Problem(
                    f"{_short(letter)} stays: the tables are behind {facts.topic}/{facts.partition}, so "
                    "nobody knows if it was answered. Again once the sink has caught up: `concierge doctor`."
                )
            await asyncio.sleep(LOOK_SECONDS)
        place = (letter.topic, letter.partition, letter.offset)
        return await asyncio.to_thread(self.warehouse.answered, property_id, *place)

    async def _write(self, letter: DeadLetter) -> str:
        """The record's rows at its own offset: those that are there already are replaced by themselves."""
        tp = TopicPartition(letter.topic, letter.partition)
        try:
            record = await kafka.record_at(self.settings, tp, letter.offset)
            place = Place(tp.topic, tp.partition, record.offset, record.timestamp, record.key)
            rows = rows_of(place, record.value)
            fits.check(rows, fits.bounds(COLUMNS, await asyncio.to_thread(self.warehouse.types)))
            batch = Batch(tp.topic, tp.partition)
            batch.add(place, rows, {})
            await asyncio.to_thread(self.warehouse.write, batch.inserts(), [])
        except LookupError as error:
            raise Problem(f"{_short(letter)}: {error}: it can only be dropped.") from error
        except (Undecodable, Foreign, fits.Unfit, Refused) as error:
            raise Problem(f"{_short(letter)} is still not for the tables ({error}): it stays.") from error
        return f"{batch.rows} rows written at {tp.topic}/{tp.partition} {letter.offset}"


def _short(letter: DeadLetter) -> str:
    return f"Dead letter {letter.event_id}"
