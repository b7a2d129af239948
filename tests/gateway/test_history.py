"""Past the ring: a gateway that was just started resumes from Kafka what another one began to tell."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka import TopicPartition

from gateway import tail
from gateway.claims import Claims
from gateway.cursor import INDEX, START, moved
from gateway.history import History, told_again
from gateway.readmodel import chats
from gateway.readmodel.model import ReadModel
from infra.runtime.kafka import reader
from schemas import topics
from schemas.codec import decode_as
from schemas.ids import new_id
from schemas.records.chats import MessageRead, MessageSent
from schemas.records.operations import DeadLetter
from tests.gateway.readmodel.test_chats import event, opened
from tests.gateway.support import Running, client, end_of, running, token


@pytest.mark.parametrize("kept", [0, 1000], ids=["log", "memory"])
async def test_another_gateway_resumes_what_it_did_not_tell(
    gateway: Running, kafka: str, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(tail, "RECENT_RECORDS", kept)
    read: list[str] = []
    real = History.since

    def counted(self: History, claims: Claims, property_id: str, *more: Any) -> Any:
        read.append(property_id)
        return real(self, claims, property_id, *more)

    monkeypatch.setattr(History, "since", counted)
    own, ids = "hist" + new_id()[-6:], [new_id() for _ in range(5)]
    ops = f"ops:{own}"
    async with client(gateway, token("admin", own), resume={ops: None}) as admin:
        await admin.hear("subbed")
        await gateway.request(own, ids[0])
        cursor = (await admin.request())["cur"]
    for one in ids[1:4]:
        await gateway.request(own, one)
    async with running(kafka) as other, client(other, token("admin", own), resume={ops: cursor}) as admin:
        missed = [await admin.request() for _ in range(3)]
        await gateway.request(own, ids[4])
        missed.append(await admin.request())
        assert [one["d"]["causation_id"] for one in missed] == ids[1:]
        async with client(gateway, token("admin", own), resume={ops: missed[1]["cur"]}) as again:
            assert (await again.request())["d"]["causation_id"] == ids[3]
    assert (own in read) is not bool(kept)


async def test_a_cursor_of_another_hotel_is_reset_with_a_snapshot(gateway: Running) -> None:
    own = "hist" + new_id()[-6:]
    async with client(gateway, token("admin", own), resume={f"ops:{own}": "forged"}) as admin:
        subbed = await admin.hear("subbed")
        assert subbed["reset"] is True
        assert "snapshot" in subbed


async def test_poison_becomes_a_dead_letter_and_the_tail_goes_on(gateway: Running) -> None:
    own = "hist" + new_id()[-6:]
    partition = topics.partition_of(own, gateway.settings.partitions)
    # Not on an agent's own topic: agents of later tests share this log and stop at what they cannot fold.
    placed = await gateway.producer.send_and_wait(
        topics.CHATS.name, b"\x00poison", own.encode(), partition=partition
    )
    async with client(gateway, token("admin", own), resume={f"ops:{own}": None}) as admin:
        await gateway.request(own, new_id())
        await admin.request()
    async with reader(gateway.settings) as consumer:
        tp = TopicPartition(topics.DEAD_LETTERS.name, partition)
        consumer.assign([tp])
        consumer.seek(tp, 0)
        while True:
            record = await consumer.getone()
            dead = decode_as(record.value, topics.DEAD_LETTERS, DeadLetter)
            if (dead.topic, dead.offset, dead.value) == (topics.CHATS.name, placed.offset, b"\x00poison"):
                break


def test_a_replay_leaves_out_what_changed_nothing() -> None:
    model = ReadModel()
    said = [
        opened(),
        *(event(own, message_sent=MessageSent(text=own)) for own in ("m1", "m2")),
        event("r1", actor="gus", message_read=MessageRead(message_id="m2")),
        event("r2", actor="gus", message_read=MessageRead(message_id="m1")),
        event("m1", message_sent=MessageSent(text="m1")),
    ]
    for offset, one in enumerate(said):
        chats.apply(model.of("h"), one, offset, offset)
    told = [
        [event.type for event in told_again(model, one, topics.CHATS, n, n)] for n, one in enumerate(said)
    ]
    assert told == [
        ["thread_updated"],
        ["new_message", "thread_updated"],
        ["new_message", "thread_updated"],
        ["message_read"],
        [],
        [],
    ]


async def test_who_reads_of_one_hotel_keeps_nothing_for_the_records_of_others(gateway: Running) -> None:
    own = "hist" + new_id()[-6:]
    ids = [new_id() for _ in range(3)]
    for one in ids:
        await gateway.request(own, one)
    index = INDEX[topics.SERVICES.name]
    partition = topics.partition_of(own, gateway.settings.partitions)
    end = await end_of(gateway.settings, topics.SERVICES.name, partition)
    there = History(gateway.settings, gateway.live.model)
    try:
        block = await there._blocks.at(TopicPartition(topics.SERVICES.name, partition), end - 3)
        near, far = moved(START, index, (end - 3, 0)), moved(START, index, (end, 0))
        for hotel in [own, *(f"{own}x{n}" for n in range(1_000))]:
            if topics.partition_of(hotel, gateway.settings.partitions) == partition:
                claims = Claims("a", "admin", hotel, "A", None, None, (), 0, 1 << 50, "t")
                await there.since(claims, hotel, near, far, frozenset({f"ops:{hotel}"}))
        assert block.made.keys() == {(own, end - 3 + n) for n in range(3)}
    finally:
        await there.stop()
