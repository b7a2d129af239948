"""Faust's fetch loop without its two tasks per message, and draining a stream's queue in one go.

Stock Faust awaits `wait_first` (two tasks) for every message and so starves its agents: 8.7 k events/s a core
against 44-46 k with this. It replaces a private method: faust-streaming is pinned, and a test fails when the
original changes.
"""

from __future__ import annotations

import asyncio
from typing import Any

ORIGINAL_SHA256 = "44a2500309e83c630493f6828af50166ec8d96a0b3e4fb2bab735f704ae93417"
YIELD_EVERY = 100
BATCH = 500


async def drain_messages(self: Any, fetcher: Any) -> None:
    """Replacement of `faust.transport.consumer.Consumer._drain_messages`."""
    done, offsets, count = self._stopped.is_set, self._read_offset, 0
    while not (done() or fetcher._stopped.is_set()):
        records = self.getmany(timeout=1.0)
        await self.sleep(0)
        async for tp, message in records:
            last = offsets[tp]
            if last is not None and message.offset < last:
                continue
            if last and message.offset - last > 1:
                await self._add_gap(tp, last + 1, message.offset)
            if not self.flow_active:
                break
            await self.callback(message)
            offsets[tp] = message.offset
            count += 1
            if count % YIELD_EVERY == 0:
                await asyncio.sleep(0)


def install() -> None:
    """Use it from now on, in this process."""
    from faust.transport.consumer import Consumer

    Consumer._drain_messages = drain_messages


def drain(app: Any, stream: Any, first: Any) -> list[Any]:
    """`first` and what else waits in the stream's queue, `BATCH` at most, tracked to be acked."""
    batch, queue = [first], stream.channel.queue
    while len(batch) < BATCH and not queue.empty():
        event = queue.get_nowait()
        message = event.message
        if message.generation_id != app.consumer_generation_id or not app.flow_control.is_active():
            continue
        if not message.tracked:
            message.tracked = True
            app.consumer._unacked_messages.add(message)
        batch.append(event)
    return batch
