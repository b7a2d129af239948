"""Chat events, applied: threads, members, the newest messages, who has read up to where."""

from __future__ import annotations

from gateway.readmodel.hotel import THREAD_MESSAGES, Hotel, Thread
from schemas.records.chats import ChatEvent


def apply(hotel: Hotel, event: ChatEvent, offset: int, at: int) -> bool:
    """Applies an event at its broker time (ms). False: a repeat, which has no effect."""
    if hotel.chat_seen.setdefault(event.event_id, offset) != offset:
        return False
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
        thread.said_at[event.event_id] = at
        if len(thread.messages) > THREAD_MESSAGES:
            thread.said_at.pop(thread.messages.pop(0).event_id, None)
    elif event.message_read is not None:
        thread.reads[event.actor_id] = event.message_read.message_id
    elif event.thread_closed is not None:
        thread.closed = True
    return True
