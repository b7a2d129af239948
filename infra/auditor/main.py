"""The auditor's process: canaries at every gateway, the log beside them, a report every half minute.

It begins at the log's end at each start. What earlier lives measured it finds on `slo`, by the hour; what was
on its way when it ended it does not judge.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from gateway.client import Refused, Rest
from gateway.cursor import BadCursor, Cursors
from infra.auditor.audit import EVERYBODY, Audit, rota
from infra.auditor.canary import SocketCanary
from infra.auditor.expected import KINDS
from infra.auditor.hearing import Hearing, noted, now_ms
from infra.auditor.log import Log
from infra.auditor.slots import HOUR_MS, HOURS
from infra.auditor.stream import EVENTS, StreamCanary
from infra.runtime import kafka, lifecycle, logs, metrics, probe, settings, tokens, watchdog
from infra.runtime.settings import Settings
from schemas import topics
from schemas.codec import Undecodable, decode
from schemas.record import Record
from schemas.records.slo import SloHour

log = structlog.get_logger()
# Hotels that are looked at, at once. Others follow each hour.
HOTELS = 4
# Of a group with more than that some are never looked at.
MOST_KNOWN = 1_000
LOOK_SECONDS = 1.0
HOTELS_SECONDS = 30.0
ASK_SECONDS = 10.0
REPORT_SECONDS = 30.0
FIRST_REPORT_SECONDS = 5.0
TOKEN_MINUTES = 24 * 60


class Auditor:
    """One life of it. `run(stop)` is all of it."""

    def __init__(self, config: Settings) -> None:
        self._settings = config
        self._audit = Audit(now_ms())
        self._log = Log(config, self._audit)
        self._urls = urls(config)
        self._known: set[str] = set()
        self._chosen: set[str] = set()
        self._canaries: list[SocketCanary | StreamCanary] = []
        self._started = False

    def trouble(self) -> str | None:
        """For /readyz: None, or why nothing is audited now."""
        return self._log.reach.reason() if self._started else "it has not found the end of the log yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Audits until `stop` is set. An error of Kafka at the start ends it."""
        hearing = Hearing(self._audit, Cursors(self._settings.jwt_secret.get_secret_value()), self._log.floor)
        producer = kafka.producer(self._settings)
        async with AsyncExitStack() as stack:
            await producer.start()
            stack.push_async_callback(producer.stop)
            self._audit.restore(await measured(self._settings))
            await self._log.start()
            stack.push_async_callback(self._log.stop)
            http = await stack.enter_async_context(
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
            )
            self._canaries = [one for n, url in enumerate(self._urls) for one in self._at(n, url, hearing)]
            self._started = True
            jobs: list[asyncio.Task[Any]] = [
                asyncio.create_task(job)
                for job in (
                    self._log.follow(), self._log.watch_reach(), *(one.run() for one in self._canaries),
                    self._look(), self._choose(), self._ask(http, hearing), self._report(producer),
                    watchdog.watch(producer, self._settings, "auditor"), stop.wait(),
                )
            ]  # fmt: skip
            try:
                done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                for job in done:
                    job.result()
            finally:
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)

    def _at(self, number: int, url: str, hearing: Hearing) -> list[SocketCanary | StreamCanary]:
        """The canaries at one gateway, named so that a page may name them."""
        found: list[SocketCanary | StreamCanary] = [
            SocketCanary(f"gateway-{number} socket {kind}", url, kind, self._token, hearing) for kind in KINDS
        ]
        return [*found, StreamCanary(f"gateway-{number} stream", url, self._token, hearing)]

    async def _token(self) -> str:
        claims = tokens.claims(
            self._settings, user_id="auditor", role="system", property_id=EVERYBODY,
            now=int(time.time()), minutes=TOKEN_MINUTES,
        )  # fmt: skip
        return tokens.sign(self._settings, claims)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for one in self._canaries:
                if isinstance(one, SocketCanary):
                    one.again()
            current = {one.name: one.current for one in self._canaries}
            for name, up in current.items():
                metrics.AUDIT_UP.labels(name).set(up)
            noted(self._audit.look(current, now_ms(), self._log.read_until))

    async def _choose(self) -> None:
        """Which hotels there are, and which are looked at now."""
        async with aiohttp.ClientSession(self._urls[0]) as http:
            rest = Rest(http, self._token)
            while True:
                try:
                    self._known = await _hotels(rest)
                except Refused as error:
                    log.info("no gateway says which hotels there are", why=error.code)
                chosen = rota(self._known, HOTELS, now_ms())
                if chosen != self._chosen:
                    self._chosen = chosen
                    self._log.choose(chosen)
                    for one in self._canaries:
                        one.follow(chosen)
                await asyncio.sleep(HOTELS_SECONDS if self._known else LOOK_SECONDS)

    async def _ask(self, http: aiohttp.ClientSession, hearing: Hearing) -> None:
        """Of what is overdue: has the gateway told it? Then it is lost, else it is late."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            for url, hotel in self._audit.questions(now_ms()):
                headers = {"Authorization": f"Bearer {await self._token()}"}
                ask = {"ch": f"property:{hotel}", "poll": "1"}
                try:
                    async with http.get(url + EVENTS, params=ask, headers=headers) as answer:
                        vector = hearing.vector(hotel, str((await answer.json())["cur"]))
                except (aiohttp.ClientError, TimeoutError, BadCursor, KeyError, ValueError) as error:
                    log.info("a gateway does not say how far it has told", gateway=url, error=repr(error))
                    continue
                self._audit.told(url, hotel, vector, now_ms())

    async def _report(self, producer: AIOKafkaProducer) -> None:
        key = topics.entity_key(EVERYBODY, "report", "auditor")
        await asyncio.sleep(FIRST_REPORT_SECONDS)
        while True:
            now = now_ms()
            report = self._audit.report(len(self._chosen), len(self._known), now)
            hours = [self._audit.slots.hour(at) for at in (now - 2 * int(REPORT_SECONDS * 1000), now)]
            said: list[tuple[bytes, Record]] = [
                (key, report),
                *((_key(one), one) for one in hours if one.seconds),
            ]
            try:
                for own, record in said:
                    await kafka.send(producer, self._settings, topics.SLO, EVERYBODY, record, key=own)
            except KafkaError as error:  # away, most likely; the next one says more
                log.info("the report could not be said", error=repr(error))
            await asyncio.sleep(REPORT_SECONDS)


def _key(hour: SloHour) -> bytes:
    return topics.entity_key(EVERYBODY, "hour", str(hour.at // HOUR_MS % HOURS))


async def measured(config: Settings) -> list[SloHour]:
    """The newest of each hour that earlier lives said. KafkaError, ShortRead."""
    place = TopicPartition(topics.SLO.name, topics.partition_of(EVERYBODY, config.partitions))
    found: dict[bytes, SloHour] = {}
    async with kafka.reader(config) as consumer:
        async for record in kafka.read_to_end(consumer, [place]):
            try:
                one = decode(record.value, topics.SLO)
            except Undecodable:  # of another version; gateways make it a dead letter
                continue
            if isinstance(one, SloHour):
                found[record.key] = one
    return list(found.values())


def urls(config: Settings) -> list[str]:
    """Where the gateways are."""
    if config.auditor_gateways:
        return config.auditor_gateways.split(",")
    return [f"http://{config.here}:{config.gateway_port + n}" for n in range(config.gateways)]


async def _hotels(rest: Rest) -> set[str]:
    found, after = set[str](), ""
    while len(found) < MOST_KNOWN:
        page = await rest.get("/api/properties", after=after)
        found |= {str(one["property_id"]) for one in page["properties"]}
        if not page["next"]:
            break
        after = page["next"]
    return found


def main() -> None:
    """The auditor process."""
    lifecycle.supervised()
    config = settings.load()
    logs.setup("auditor", config)
    tokens.key(config)

    async def life(stop: asyncio.Event) -> None:
        auditor = Auditor(config)
        async with probe.serve(config, auditor.trouble):
            await auditor.run(stop)

    lifecycle.run(life)


if __name__ == "__main__":
    main()
