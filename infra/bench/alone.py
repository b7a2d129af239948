"""The engines alone, and single processes of the product on them: what they cost is theirs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import IO, Protocol

import psutil
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from infra import topics
from infra.bench.loads import Said
from infra.engines.kafka import broker
from infra.migrations import runner
from infra.runtime import kafka as kafka_shells
from infra.runtime.lifecycle import die_with_parent
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem
from infra.runtime.settings import Settings
from schemas.codec import encode
from schemas.topics import Topic, partition_of

START_SECONDS = 120.0
STOP_SECONDS = 40.0
GIVE_UP_SECONDS = 600.0
LOOK_SECONDS = 0.05

# Topic, value, key, partition.
Made = tuple[str, bytes, bytes, int]


class Alive(Protocol):
    """Something that runs. `alive`: Problem where it has ended."""

    def alive(self) -> None: ...


class Process:
    """A process that was started; `cpu()` is what it has used."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = _popen(command, output, environment)
        self._looked_at = psutil.Process(self._process.pid)

    def cpu(self) -> float:
        """CPU seconds so far, user and system. Problem where it has ended."""
        self.alive()
        used = self._looked_at.cpu_times()
        return float(used.user + used.system)

    def pin(self, core: int | None) -> None:
        """It runs on this core alone; None: wherever."""
        if core is not None:
            self._looked_at.cpu_affinity([core])

    def memory(self) -> int:
        """Bytes resident. Problem where it has ended."""
        self.alive()
        return int(self._looked_at.memory_info().rss)

    def alive(self) -> None:
        """Problem where it has ended."""
        if self._process.poll() is not None:
            said = self._log.read_text(errors="replace")[-2000:]
            raise Problem(f"A process of the bench ended with {self._process.returncode}: {said}")

    def said(self, seconds: float) -> str:
        """The last line it printed once it has ended with 0. Problem where it does not in time."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Problem(f"A process of the bench did not end in {seconds:.0f} s.") from None
        if code:
            self.alive()
        return self._log.read_text().splitlines()[-1]

    def pause(self) -> None:
        """SIGSTOP."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, and no more."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and its end."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self.kill()


class Alone:
    """A broker with the product's topics. `settings` and `start` are for what runs on it; `engine`: its
    warehouse, if it has one.
    """

    def __init__(self, home: Path, settings: Settings) -> None:
        self.home, self.settings = home, settings
        self.engine: Process | None = None

    def start(self, *command: str) -> Process:
        """A Python module with its arguments, on this broker; it finds nothing of this process's settings."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CONCIERGE_")}
        said = self.settings
        environment |= {
            "CONCIERGE_KAFKA_URL": said.kafka_url,
            "CONCIERGE_PARTITIONS": str(said.partitions),
            "CONCIERGE_CLICKHOUSE_URL": said.clickhouse_url,
            "CONCIERGE_CLICKHOUSE_DATABASE": said.clickhouse_database,
            "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": said.clickhouse_writer_password.get_secret_value(),
            "CONCIERGE_CLICKHOUSE_READER_PASSWORD": said.clickhouse_reader_password.get_secret_value(),
            "CONCIERGE_DATA_DIR": str(said.data_dir),
            "CONCIERGE_WAREHOUSE_PORT": str(said.warehouse_port),
            "CONCIERGE_GATEWAY_PORT": str(said.gateway_port),
            # A bench's crowd is of one address, and opens as fast as it can.
            "CONCIERGE_ADDRESS_HANDSHAKES_BURST": "1000000",
            "CONCIERGE_JWT_SECRET": said.jwt_secret.get_secret_value(),
            "CONCIERGE_PROBE_PORT": str(free_row()),
        }
        if said.gateway_shared_port is not None:
            environment["CONCIERGE_GATEWAY_SHARED_PORT"] = str(said.gateway_shared_port)
        return Process([sys.executable, "-m", *command], environment, self.home / "parts.log")

    def worker(self, *agents: str) -> Process:
        """A worker with these agents."""
        return self.start("infra.part", "worker", "--agents", ",".join(agents))

    def made(self, what: Iterable[Said]) -> list[Made]:
        """All of it as it is written."""
        count = self.settings.partitions
        return [
            (topic.name, encode(record), key or hotel.encode(), partition_of(hotel, count))
            for topic, hotel, record, key in what
        ]

    async def say(self, producer: AIOKafkaProducer, what: Iterable[Said]) -> int:
        """Writes all of it, made before the first is sent; how many records."""
        return await self.send(producer, self.made(what))

    async def send(self, producer: AIOKafkaProducer, made: list[Made]) -> int:
        """Writes what was made; how many records."""
        await asyncio.gather(*[await producer.send(*one) for one in made])
        return len(made)

    async def ends(self, topic: Topic) -> dict[int, int]:
        """Where each partition of a topic ends."""
        async with kafka_shells.reader(self.settings) as reader:
            found = await reader.end_offsets(kafka_shells.partitions_of(self.settings, topic))
        return {tp.partition: end for tp, end in found.items()}

    async def until(self, topic: Topic, wanted: int, process: Process) -> int:
        """Waits until a topic has so many records; how many it has. Problem where `process` ends."""
        places = kafka_shells.partitions_of(self.settings, topic)
        deadline = time.monotonic() + GIVE_UP_SECONDS
        async with kafka_shells.reader(self.settings) as reader:
            while (found := int(sum((await reader.end_offsets(places)).values()))) < wanted:
                process.alive()
                if time.monotonic() > deadline:
                    raise Problem(
                        f"{topic.name} has {found} of {wanted} records after {GIVE_UP_SECONDS:.0f} s."
                    )
                await asyncio.sleep(LOOK_SECONDS)
        return found


@asynccontextmanager
async def kafka(home: Path) -> AsyncIterator[Alone]:
    """In `home`, an empty folder."""
    port = free_row(2)
    engine = broker.Broker(home / "kafka", port, port + 1)
    with (home / "kafka.log").open("wb") as output:
        process = _popen(engine.prepare(), output, dict(os.environ))
    try:
        deadline = time.monotonic() + START_SECONDS
        while not broker.answers("127.0.0.1", port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Problem(f"Kafka alone did not start: see {home / 'kafka.log'}.")
            await asyncio.sleep(LOOK_SECONDS)
        settings = Settings(kafka_url=f"127.0.0.1:{port}", data_dir=home / "data")
        await topics.ensure(settings)
        yield Alone(home, settings)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


@asynccontextmanager
async def warehouse(stand: Alone) -> AsyncIterator[Alone]:
    """The same with a warehouse and its tables."""
    port = free_row()
    secrets = {f"clickhouse_{who}_password": SecretStr(token_hex()) for who in ("writer", "reader")}
    url = {"warehouse_port": port, "clickhouse_url": f"http://127.0.0.1:{port}"}
    beside = Alone(stand.home, stand.settings.model_copy(update=secrets | url))
    process = beside.engine = beside.start("infra.part", "warehouse")
    try:
        await listening(port, process)
        await asyncio.to_thread(runner.migrate, beside.settings)
        yield beside
    finally:
        process.stop()


@asynccontextmanager
async def gateway(stand: Alone) -> AsyncIterator[tuple[Alone, Process]]:
    """The same with a gateway."""
    more = {"gateway_port": free_row(), "jwt_secret": SecretStr(token_hex())}
    beside = Alone(stand.home, stand.settings.model_copy(update=more))
    process = beside.start("infra.part", "gateway")
    try:
        await listening(beside.settings.gateway_port, process)
        yield beside, process
    finally:
        process.stop()


async def listening(port: int, process: Alive) -> None:
    """Until it takes connections. Problem where it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        process.alive()
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > deadline:
                raise Problem(f"Nothing listened on port {port} within {START_SECONDS:.0f} s.") from None
            await asyncio.sleep(LOOK_SECONDS)
        else:
            writer.close()
            return


def _popen(command: Sequence[str], output: IO[bytes], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    bound = partial(die_with_parent, os.getpid())
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        preexec_fn=bound,
    )
