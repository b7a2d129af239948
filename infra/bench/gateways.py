"""Some gateways on one log, each a process that may be killed, stopped and restarted."""

from __future__ import annotations

import asyncio

from infra.bench import alone
from infra.bench.alone import Alone, Process


class Gateways:
    """Processes on ports of their own. `deaths`: by SIGKILL."""

    def __init__(self, stand: Alone, count: int) -> None:
        self._stand = stand
        self._running: list[Process] = []
        self.ports = [stand.settings.gateway_port + n for n in range(count)]
        self.deaths = 0

    async def start(self) -> None:
        """All of them, until they listen."""
        self._running = [self._one(number) for number in range(len(self.ports))]
        for port, process in zip(self.ports, self._running, strict=True):
            await alone.listening(port, process)

    def stop(self) -> None:
        for process in self._running:
            process.resume()
            process.stop()

    async def kill(self, number: int) -> None:
        """SIGKILL, and a new one that listens."""
        self._running[number].kill()
        self.deaths += 1
        self._running[number] = self._one(number)
        await alone.listening(self.ports[number], self._running[number])

    async def restart(self, number: int) -> None:
        """SIGTERM, until it has left, and a new one that listens."""
        await asyncio.to_thread(self._running[number].stop)
        self._running[number] = self._one(number)
        await alone.listening(self.ports[number], self._running[number])

    async def pause(self, number: int, seconds: float) -> None:
        """SIGSTOP for so long."""
        self._running[number].pause()
        await asyncio.sleep(seconds)
        self._running[number].resume()

    def _one(self, number: int) -> Process:
        return self._stand.start("infra.part", "gateway", "--index", str(number))
