"""Chat events, applied: threads, members, the newest messages, who has got and who has read how far."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

import msgspec

from gateway.readmodel.hotel import HOTEL_MESSAGES, SEEN_IDS, THREAD_MESSAGES, Hotel, Marks, Thread
from schemas.records.chats import BODIES, ChatEvent

_encode = msgspec.json.Encoder().encode
_bodies = attrgetter(*BODIES)


def apply(hotel: Hotel, event: ChatEvent, offset: int, at: int) -> bool:
    """Applies an event at its broker time (ms). False: a repeat, which has no effect."""
    if hotel.chat_seen.setdefault(event.event_id, (offset, at, said_as(event)))[0] != offset:
        hotel.chat_silent.add(offset)
        return False
    if len(hotel.chat_seen) > SEEN_IDS:
        _, forgotten, _ = hotel.chat_seen.pop(next(iter(hotel.chat_seen)))
        hotel.chat_forgotten_at = max(hotel.chat_forgotten_at, forgotten)
    if event.thread_opened is not None:
        if event.thread_id not in hotel.threads:
            opened = event.thread_opened
            members = {event.actor_id, *opened.members}
            if opened.guest_id:
                members.add(opened.guest_id)
            hotel.threads[event.thread_id] = Thread(event.thread_id, opened, event.actor_id, at, members)
        return True
    thread = hotel.threads.get(event.thread_id)
    if thread is None:
        return True
    if event.member_joined is not None:
        thread.members.add(event.member_joined.user_id)
    elif event.message_sent is not None:
        thread.messages.append(event)
        thread.offsets.append(offset)
        thread.said_at[event.event_id] = at
        if len(thread.messages) > THREAD_MESSAGES:
            thread.said_at.pop(thread.messages.pop(0).event_id, None)
        hotel.chat_kept.append((event.thread_id, event.event_id))
        if len(hotel.chat_kept) > HOTEL_MESSAGES:
            _let_go(hotel, *hotel.chat_kept.popleft())
    elif event.message_read is not None:
        _mark(hotel, thread, thread.reads, event.actor_id, event.message_read.message_id, offset)
    elif event.message_delivered is not None:
        _mark(hotel, thread, thread.delivered, event.actor_id, event.message_delivered.message_id, offset)
    elif event.thread_closed is not None:
        thread.closed = True
    return True


def said_as(event: ChatEvent) -> int:
    """Stands for what an event says, in this process: equal for the same words, whenever they are said."""
    return hash((event.thread_id, _encode(_bodies(event))))


def place_of(hotel: Hotel, thread: Thread, message_id: str) -> int | None:
    """Where a message of this thread lies; None for any other id, and for one too old to be known by it."""
    if message_id in thread.said_at:
        behind = list(thread.said_at).index(message_id) - len(thread.said_at)
        return thread.offsets[behind]
    at, *_ = hotel.chat_seen.get(message_id, (-1,))
    found = bisect_left(thread.offsets, at)
    return at if found < len(thread.offsets) and thread.offsets[found] == at else None


def _mark(hotel: Hotel, thread: Thread, marks: Marks, user_id: str, message_id: str, offset: int) -> None:
    at = place_of(hotel, thread, message_id)
    if at is None or not marks.moved(user_id, message_id, at):
        hotel.chat_silent.add(offset)
    elif marks is thread.reads:  # what was read has come
        thread.delivered.moved(user_id, message_id, at)


def _let_go(hotel: Hotel, thread_id: str, message_id: str) -> None:
    """The hotel's oldest message goes, unless its thread has let it go already or has no other."""
    thread = hotel.threads[thread_id]
    if len(thread.messages) > 1 and thread.messages[0].event_id == message_id:
        thread.said_at.pop(thread.messages.pop(0).event_id, None)
