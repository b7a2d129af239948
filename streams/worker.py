"""A worker process: one Faust app and group that holds one or more agents, by a setting."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer

from infra.runtime import failpoints, garbage, lifecycle, logs, probe, watchdog
from infra.runtime.kafka import connection, partitions_of, reader
from infra.runtime.kafka import producer as make_producer
from infra.runtime.problems import Problem
from infra.runtime.reach import Reach
from infra.runtime.settings import Settings, load
from schemas.topics import SYSTEM
from streams.agents import catalogue, drain, membership, progress, ticks
from streams.agents.contexts import Contexts
from streams.agents.decider import EXIT_REFOLD, Decider, Received, refold
from streams.agents.folder import Folders

# The group gives a silent worker's hotels to others after this time.
SESSION_S = 10.0
# An answer that finds a full batch of its partition waits for Kafka to have it, and with it every command.
# aiokafka's own 16 KiB hold less than the answer to one batch of an import.
BATCH_BYTES = 1024 * 1024

log = structlog.get_logger()


class Worker:
    """The agents of one process and the Faust app that brings them their commands."""

    def __init__(
        self, settings: Settings, names: Sequence[str], producer: AIOKafkaProducer, states: AIOKafkaProducer
    ) -> None:
        self.name = f"worker-{'.'.join(sorted(names))}"
        self.instance = f"{self.name}-{settings.worker_id.replace('{host}', socket.gethostname())}"
        deciders = [catalogue.decider(name) for name in names if name in catalogue.DECIDERS]
        kinds = [catalogue.folder(name) for name in names if name in catalogue.FOLDERS]
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.contexts = Contexts(settings, deciders, producer)
        self.deciders = {d.name: Decider(d, settings, self.contexts, producer, states) for d in deciders}
        self.folders = Folders(settings, kinds, producer, states, self.contexts.decoded)
        self.ready = False
        self.reach = Reach()
        self.contexts.failed = self._failed
        for decider in self.deciders.values():
            decider.failed = self._failed
        self.app = self._app(settings)

    def _failed(self, error: BaseException) -> None:
        if not self.failure.done():
            self.failure.set_exception(error)

    def _app(self, settings: Settings) -> Any:
        import faust

        from streams.agents.tables import NoTables

        drain.install()
        membership.install(_thrown_out)
        datadir = settings.data_dir / "faust" / self.instance
        datadir.mkdir(parents=True, exist_ok=True)
        app = faust.App(
            self.name,
            broker=[f"kafka://{address}" for address in settings.kafka_bootstrap.split(",")],
            broker_credentials=_credentials(settings),
            consumer_group_instance_id=self.instance,
            broker_session_timeout=SESSION_S,
            broker_heartbeat_interval=2.0,
            broker_commit_interval=1.0,
            broker_max_poll_records=500,
            consumer_auto_offset_reset="earliest",
            store="memory://",
            TableManager=NoTables,
            datadir=datadir,
            topic_allow_declare=False,
            topic_disable_leader=True,
            reply_create_topic=False,
            stream_wait_empty=False,
            web_enabled=False,
            value_serializer="raw",
            key_serializer="raw",
        )
        for decider in self.deciders.values():
            self._agent(app, decider)
        if not self.deciders:  # folders alone: the group only says which partitions are theirs
            app.agent(app.topic("system", value_type=bytes), name="anchor")(_nothing)
        app.on_rebalance_complete.connect(self._recover, weak=False)
        return app

    def _agent(self, app: Any, decider: Decider) -> None:
        async def commands(stream: Any) -> None:
            async for event in stream.noack().events():
                batch = drain.drain(app, stream, event)
                generation = app.consumer_generation_id
                current = [e.message for e in batch if e.message.generation_id == generation]
                try:
                    await decider.take([_received(message) for message in current])
                except Exception as error:  # leaving the body would ack the batch
                    self._failed(error)
                    await asyncio.Event().wait()
                for one in batch:
                    if one.message.generation_id == app.consumer_generation_id:
                        one.ack()

        topic = app.topic(decider.agent.commands.name, value_type=bytes)
        app.agent(topic, name=decider.agent.name, concurrency=1)(commands)

    async def _recover(self, sender: Any = None, **_: Any) -> None:
        """Before any command of a new assignment: fold the log of what is assigned, go on from there."""
        self.ready = False
        from faust.types import TP

        assigned = self.app.consumer.assignment()
        partitions = {tp.partition for tp in assigned}
        await self.contexts.own(partitions)
        starts: dict[Any, int] = {}

        async def fold(decider: Decider) -> None:
            topic = decider.agent.commands.name
            own = {tp.partition for tp in assigned if tp.topic == topic}
            for partition, offset in (await decider.recover(own)).items():
                starts[TP(topic, partition)] = offset

        await asyncio.gather(*(fold(decider) for decider in self.deciders.values()))
        for tp, offset in starts.items():
            await self.app.consumer.seek(tp, offset)
        if starts and not await self.app.consumer._thread.commit(starts):
            raise RuntimeError("where to go on could not be committed")
        failpoints.passed("worker", "offsets_committed")
        await self.folders.own(partitions)
        garbage.keep()
        self.ready = True
        log.info("recovered", partitions=len(partitions), agents=sorted(self.deciders))

    def trouble(self) -> str | None:
        """For /readyz: None, or why no command is answered now."""
        return self.reach.reason() if self.ready else "folding the log"

    def positions(self) -> progress.Positions:
        """Where every reader of this process goes on."""
        deciders = {name: decider.positions() for name, decider in self.deciders.items()}
        return deciders | self.folders.positions()


def _received(message: Any) -> Received:
    at = round(message.timestamp * 1000)
    return Received(message.topic, message.partition, message.offset, at, message.key, message.value)


async def _nothing(stream: Any) -> None:
    async for _ in stream:
        pass


def _credentials(settings: Settings) -> Any:
    """What `connection` says, in Faust's words."""
    import faust

    protocol = settings.kafka_security_protocol
    if protocol == "PLAINTEXT":
        return None
    found = connection(settings)
    if protocol == "SSL":
        return faust.SSLCredentials(found["ssl_context"])
    return faust.SASLCredentials(
        username=found["sasl_plain_username"],
        password=found["sasl_plain_password"],
        mechanism=found["sasl_mechanism"],
        ssl_context=found.get("ssl_context"),
    )


async def run(settings: Settings, names: Sequence[str], stop: asyncio.Event) -> None:
    """Work until `stop`. Raises what made a part fail; the next start folds the log again."""
    producer, states = make_producer(settings, max_batch_size=BATCH_BYTES), make_producer(settings)
    await producer.start()
    await states.start()
    worker = Worker(settings, names, producer, states)
    async with probe.serve(settings, worker.trouble), reader(settings) as asking:
        # Faust says that it has started some time after the first recovery: Kafka may fall silent before.
        reaching = asyncio.create_task(worker.reach.run(asking, partitions_of(settings, SYSTEM)[:1]))
        try:
            await worker.app.start()
        except BaseException:
            reaching.cancel()
            raise
        tasks = [
            reaching,
            asyncio.create_task(ticks.run(settings, list(worker.deciders.values()), producer)),
            asyncio.create_task(progress.watch(settings, worker.positions)),
            asyncio.create_task(watchdog.watch(producer, settings, worker.name)),
            asyncio.create_task(_folders_failed(worker)),
            asyncio.create_task(_crashed(worker.app)),
            asyncio.create_task(_until(stop)),
        ]
        try:
            done, _ = await asyncio.wait([*tasks, worker.failure], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await worker.app.stop()
            for decider in worker.deciders.values():
                await decider.stop()
            await worker.contexts.stop()
            await worker.folders.stop()
            await producer.stop()
            await states.stop()


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def _folders_failed(worker: Worker) -> None:
    while True:
        await worker.folders.wait()
        await asyncio.sleep(0.2)


async def _crashed(app: Any) -> None:
    while not app.crashed:
        await asyncio.sleep(0.2)
    raise RuntimeError("the Faust app crashed") from app.crash_reason


def _thrown_out(instance: str) -> None:
    refold(
        f"Another worker joined as {instance}, or this one was silent for {SESSION_S:.0f} s. "
        "Live workers with the same agents need a CONCIERGE_WORKER_ID each."
    )


def main(agents: list[str]) -> None:
    """Run these agents in this process until SIGTERM."""
    lifecycle.supervised()
    known = (*catalogue.DECIDERS, *catalogue.FOLDERS)
    if unknown := [name for name in agents if name not in known]:
        raise Problem(f"There is no agent {unknown[0]!r}: use some of {', '.join(known)}.")
    settings = load()
    logs.setup(f"worker-{'.'.join(agents)}", settings)
    try:
        lifecycle.run(lambda stop: run(settings, agents, stop))
    except Exception:
        log.exception("worker_failed")
        raise SystemExit(EXIT_REFOLD) from None
