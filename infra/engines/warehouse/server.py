"""The HTTP server: from a request to a job in a thread, and its bytes back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar, TypeVarTuple

import structlog
from aiohttp import web

from infra.engines.warehouse import answers, asks, bodies, externals, guard
from infra.engines.warehouse.accounts import Account, Accounts
from infra.engines.warehouse.asks import Ask
from infra.engines.warehouse.config import READER, WRITER
from infra.engines.warehouse.door import Places
from infra.engines.warehouse.engine import Engine
from infra.engines.warehouse.errors import ClickHouseError, bad_argument, denied, from_engine, going_down
from infra.engines.warehouse.jobs import NO_EXPRESSIONS, External, Job
from infra.engines.warehouse.pipes import GoneError, Inlet, Outlet
from infra.engines.warehouse.sessions import Session, Sessions
from infra.engines.warehouse.statements import Statement, format_named, parse
from infra.engines.warehouse.tokens import tokenize
from infra.runtime import metrics

# As a server's max_query_size. Of readers less: what they send is looked through, hostile or not.
MAX_QUERY_BYTES = {WRITER: 1 << 18, READER: 1 << 16}
SHORT_QUERY_BYTES = 1 << 13
# Each costs the event loop 3 us before anybody has shown a password.
MAX_PARAMS = 500
# A form (the query and its external tables) is held in memory, before it is anybody's turn.
MAX_FORM_BYTES = 16 << 20
MAX_HELD_BYTES = 64 << 20
WAIT_SECONDS = 10
MAX_WAITING = 128
# The engine ends a query itself at its time. One that has not ended so much later is not going to: it may be
# in one function on one huge row, where neither time nor KILL is looked at.
LATE = 1.1
TOO_LATE = 1.5
# On a busy machine cancelling takes its time.
TOO_LATE_SECONDS = 5
# What cancelling gets when the process stops.
STOP_SECONDS = 2.0
_Found = TypeVar("_Found")
_Given = TypeVarTuple("_Given")


class Server:
    """Everything a request needs. `busy` is how many jobs run or wait."""

    def __init__(
        self,
        engine: Engine,
        accounts: Accounts,
        body_bytes: int,
        stall: float = bodies.STALL_SECONDS,
    ) -> None:
        """`stall`: how many seconds a body may be silent."""
        self.engine, self.accounts, self.body_bytes, self._stall = engine, accounts, body_bytes, stall
        self.places = Places()
        self.sessions = Sessions(engine.limits.sessions)
        self._held = bodies.Held(MAX_HELD_BYTES)
        connections, readers = engine.limits.queries, engine.limits.reader_queries
        self._slots = asyncio.Semaphore(connections)
        # Readers, however many and slow, leave the writer a quarter: what happens goes on being written.
        self._reader_slots = asyncio.Semaphore(readers)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="warehouse")
        # What is done with requests and answers beside the event loop: no reader is in the writer's way.
        self._pools = {role: ThreadPoolExecutor(2, f"warehouse-{role}") for role in (WRITER, READER)}
        self._jobs: set[Job] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._draining = False

    def app(self) -> web.Application:
        """The routes of ClickHouse's HTTP interface."""
        app = web.Application(client_max_size=self.body_bytes)
        app.router.add_get("/ping", self._ping)
        app.router.add_get("/replicas_status", self._ping)
        app.router.add_route("*", "/", self._query)
        return app

    async def drain(self, seconds: float) -> None:
        """No new queries; running ones get `seconds`, then they are cancelled; sessions are closed."""
        self._draining = True
        deadline = asyncio.get_running_loop().time() + seconds
        while self._jobs and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        deadline += STOP_SECONDS
        while self._jobs and asyncio.get_running_loop().time() < deadline:
            for job in list(self._jobs):
                await asyncio.to_thread(job.cancel, going_down())
            await asyncio.sleep(0.1)
        if self._jobs:
            _end("a query cannot be stopped", 0)
        for threads in (self._threads, *self._pools.values()):
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        self.sessions.close()

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response(text="Ok.\n", status=503 if self._draining else 200)

    async def _query(self, request: web.Request) -> web.StreamResponse:
        with self._held.share() as take:
            return await self._served(request, take)

    async def _served(self, request: web.Request, take: Callable[[int], None]) -> web.StreamResponse:
        query_id = ""
        try:
            if request.method not in ("GET", "HEAD", "POST"):
                raise ClickHouseError(36, "BAD_ARGUMENTS", f"Method {request.method} is not served.", 405)
            if self._draining:
                raise going_down()
            if request.rel_url.raw_query_string.count("&") > MAX_PARAMS:
                raise bad_argument(f"More than {MAX_PARAMS} parameters.")
            account = self.accounts.authenticate(request.headers, request.query)
            if not self.places.take(request.protocol, account.role):
                raise ClickHouseError(210, "NETWORK_ERROR", "Too many connections of readers.", 503)
            ask, statement, data, tables = await self._read(request, account, take)
            query_id = ask.query_id
            # The engine parses it too, which takes a millisecond, more when it is busy.
            named = await self._beside(account, self._check, account, ask, statement)
            fmt = self._format(ask, statement, named)
            if statement.takes_data and fmt.lower() == "values":
                ask, data = await self._values(ask, statement, data)
            return await self._run(request, account, ask, statement, fmt, bool(named), data, tables)
        except ClickHouseError as problem:
            return answers.failure(problem, self.engine.version, query_id)
        except GoneError:
            raise ConnectionResetError from None
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.close()
            raise

    async def _read(
        self, request: web.Request, account: Account, take: Callable[[int], None]
    ) -> tuple[Ask, Statement, AsyncIterator[bytes], tuple[External, ...]]:
        """Parameters, statement, the bytes of an INSERT's data, and external tables."""
        items = list(request.query.items())
        pool, most = self._pools[account.role], MAX_QUERY_BYTES[account.role]
        if request.content_type == "multipart/form-data":
            form = await bodies.form(
                request, min(MAX_FORM_BYTES, self.body_bytes), bodies.Pace(self._stall), pool, take
            )
            ask = asks.parse([*items, *form.fields.items()], request.headers, request.method, form.files)
            tables = await self._beside(account, externals.tables, form.files, {**dict(items), **form.fields})
            raw = ask.query.encode()
            statement = await self._parse(account, raw)
            return ask, statement, _chain(raw[statement.data_at or 0 :], None), tables
        ask = asks.parse(items, request.headers, request.method)
        pace = bodies.Pace(self._stall)
        limit = self.body_bytes if account.role == WRITER else most
        body = bodies.chunks(request, limit, pace, pool, ask.decompress)
        raw = ask.query.encode()
        if raw:
            statement = await self._parse(account, raw)
            if statement.takes_data:
                pace.free()
                return ask, statement, _chain(raw[statement.data_at :], body), ()
            raw += b"\n"
        async for chunk in body:
            raw += chunk
            if account.role == WRITER and len(raw) <= most and _inserts(raw):
                pace.free()
            if len(raw) > most:
                break
        statement = await self._parse(account, raw)
        if statement.takes_data:
            return ask, statement, _chain(raw[statement.data_at :], body), ()
        return ask, statement, _chain(b"", None), ()

    async def _parse(self, account: Account, raw: bytes) -> Statement:
        """The statement; a long one is cut into tokens beside the event loop, where others go on."""
        most = MAX_QUERY_BYTES[account.role]
        if len(raw) <= SHORT_QUERY_BYTES:
            return parse(raw)
        if len(raw) > most and not _inserts(raw):
            raise _too_long(most)
        statement = await self._beside(account, parse, raw[:most])
        if len(raw) > most and (statement.data_at or most) >= most:
            raise _too_long(most)
        return statement

    async def _beside(self, account: Account, call: Callable[[*_Given], _Found], *given: *_Given) -> _Found:
        """Calls it in a thread of those that work for this user."""
        return await asyncio.get_running_loop().run_in_executor(self._pools[account.role], call, *given)

    async def _values(
        self, ask: Ask, statement: Statement, data: AsyncIterator[bytes]
    ) -> tuple[Ask, AsyncIterator[bytes]]:
        """An INSERT's VALUES may be expressions where they are short enough to be looked through."""
        first = b""
        async for chunk in data:
            first += chunk
            if len(first) > MAX_QUERY_BYTES[WRITER]:
                if any(token.text.lower().startswith("input_format_values_") for token in statement.tokens):
                    raise denied("Not for VALUES of this size: leave input_format_values_* out.")
                return replace(ask, settings={**ask.settings, **NO_EXPRESSIONS}), _chain(first, data)
        await asyncio.to_thread(lambda: guard.check_values(tuple(tokenize(first.decode("latin-1")))))
        return ask, _chain(first, None)

    def _format(self, ask: Ask, statement: Statement, named: str) -> str:
        fmt = (
            statement.fmt
            or named
            or ask.default_format
            or ("Values" if statement.takes_data else "TabSeparated")
        )
        if not externals.WORD.fullmatch(fmt):
            raise ClickHouseError(73, "UNKNOWN_FORMAT", f"Unknown format {fmt[:40]!r}.")
        return fmt

    def _check(self, account: Account, ask: Ask, statement: Statement) -> str:
        """Refuses what this user may not do. Returns the format that the statement names, "" if none."""
        guard.check(statement.tokens, self.engine.table_functions)
        if statement.takes_data:
            read_only, normal = False, ""
        else:
            parser = self.engine.parsers[account.role]
            normal = parser.normal(statement.sql)
            read_only = parser.is_read_only(statement.sql)
        if account.role == READER:
            tree = parser.tree(statement.sql) if read_only else ""
            guard.check_tree(tree, self.engine.table_functions)
            guard.check_reader(statement.tokens, read_only, ask.params, ask.database, normal, tree)
        elif ask.read_only and not read_only:
            raise ClickHouseError(
                164,
                "READONLY",
                "Cannot execute query in readonly mode: method GET implies readonly, use POST.",
            )
        return format_named(normal)

    async def _run(
        self,
        request: web.Request,
        account: Account,
        ask: Ask,
        statement: Statement,
        fmt: str,
        named: bool,
        data: AsyncIterator[bytes],
        tables: tuple[External, ...],
    ) -> web.StreamResponse:
        session: Session | None = None
        if ask.session_id:
            session = self.sessions.take(account.user, ask.session_id, ask.session_check)
        try:
            await self._slot(account)
        except BaseException:
            if session is not None:
                self.sessions.give_back(account.user, ask.session_id, session, ask.session_seconds)
            raise
        loop = asyncio.get_running_loop()
        outlet, inlet = Outlet(loop, 4), Inlet(loop, 4) if statement.takes_data else None
        job = Job(self.engine, account.role, ask, statement, fmt, named, tables, session, inlet, outlet)
        self._jobs.add(job)
        metrics.QUERIES_RUNNING.inc()
        ran = loop.run_in_executor(self._threads, job.run)
        seconds = self.engine.limits.query_seconds

        def stop(why: Exception) -> None:
            task = loop.create_task(_stop(job, ran, why))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        timers: list[asyncio.TimerHandle] = []
        if account.role == READER:
            # As good as kill -9, which loses nothing: the supervisor has a new warehouse there in a second.
            late = "a reader's query is past its time and cannot be stopped"
            timers.append(loop.call_later(LATE * seconds, stop, _timeout()))
            timers.append(loop.call_later(max(TOO_LATE * seconds, seconds + TOO_LATE_SECONDS), _end, late, 1))

        def ended(_: object) -> None:
            for timer in timers:
                timer.cancel()
            self._jobs.discard(job)
            metrics.QUERIES_RUNNING.dec()
            metrics.QUERIES.labels(account.role, job.outcome).inc()
            metrics.QUERY_SECONDS.labels(account.role).observe(job.summary.elapsed_ns / 1e9)
            self._free(account)
            if session is not None:
                self.sessions.give_back(account.user, ask.session_id, session, ask.session_seconds)

        ran.add_done_callback(ended)
        feeding = loop.create_task(_feed(data, inlet)) if inlet is not None else None
        try:
            response = await answers.answer(
                request, ask, fmt, outlet, job.summary, self._pools[account.role], self.engine.version
            )
            await asyncio.shield(ran)
            return response
        except BaseException:
            # The client went away, or the query failed: in both cases nobody wants the rest.
            if not ran.done():
                stop(GoneError())
            raise
        finally:
            if feeding is not None:
                feeding.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await feeding

    def _free(self, account: Account) -> None:
        self._slots.release()
        if account.role == READER:
            self._reader_slots.release()

    async def _slot(self, account: Account) -> None:
        reads = account.role == READER
        if (self._reader_slots if reads else self._slots).locked() and self._waiting >= MAX_WAITING:
            raise _too_many()
        self._waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                if reads:
                    await self._reader_slots.acquire()
                try:
                    await self._slots.acquire()
                except BaseException:
                    if reads:
                        self._reader_slots.release()
                    raise
        except TimeoutError:
            raise _too_many() from None
        finally:
            self._waiting -= 1


def _inserts(raw: bytes) -> bool:
    first = next(tokenize(raw[:SHORT_QUERY_BYTES].decode("latin-1")), None)
    return first is not None and first.is_word("INSERT")


def _too_long(most: int) -> ClickHouseError:
    text = f"A query may have {most >> 10} KiB; send data as INSERT."
    return ClickHouseError(229, "QUERY_IS_TOO_LARGE", text)


async def _stop(job: Job, ran: asyncio.Future[None], why: Exception) -> None:
    """Cancels until it has ended: the engine does not know a query in its first moment."""
    while not ran.done():
        await asyncio.to_thread(job.cancel, why)
        await asyncio.wait([ran], timeout=0.2)


def _end(event: str, code: int) -> None:
    structlog.get_logger().error(f"{event}: the process ends")
    sys.stdout.flush()
    os._exit(code)


async def _feed(data: AsyncIterator[bytes], inlet: Inlet) -> None:
    """An INSERT's data to its thread; whatever goes wrong ends the INSERT without a trace."""
    try:
        async for chunk in data:
            await inlet.put(chunk)
        inlet.finish()
    except (ClickHouseError, asyncio.CancelledError) as problem:
        inlet.finish(problem if isinstance(problem, ClickHouseError) else GoneError())
        if isinstance(problem, asyncio.CancelledError):
            raise
    except Exception as problem:
        inlet.finish(from_engine(problem))


async def _chain(first: bytes, rest: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    if first:
        yield first
    if rest is not None:
        async for chunk in rest:
            yield chunk


def _too_many() -> ClickHouseError:
    return ClickHouseError(
        202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries: try again in a moment.", 503
    )


def _timeout() -> ClickHouseError:
    return ClickHouseError(159, "TIMEOUT_EXCEEDED", "Timeout exceeded: the answer was not taken in time.")
