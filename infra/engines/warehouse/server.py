"""The HTTP server: from a request to a job in a thread, and its bytes back."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from aiohttp import web

from infra.engines.warehouse import answers, asks, bodies, guard
from infra.engines.warehouse.accounts import Account, Accounts
from infra.engines.warehouse.asks import Ask
from infra.engines.warehouse.config import READER, WRITER
from infra.engines.warehouse.engine import Engine
from infra.engines.warehouse.errors import ClickHouseError, bad_argument, denied, from_engine, going_down
from infra.engines.warehouse.jobs import NO_EXPRESSIONS, External, Job
from infra.engines.warehouse.pipes import GoneError, Inlet, Outlet
from infra.engines.warehouse.sessions import Session, Sessions
from infra.engines.warehouse.statements import Statement, parse
from infra.engines.warehouse.tokens import tokenize
from infra.runtime import metrics

# As a server's max_query_size.
MAX_QUERY_BYTES = 1 << 18
SHORT_QUERY_BYTES = 1 << 13
# A form (the query and its external tables) is held in memory, before it is anybody's turn.
MAX_FORM_BYTES = 32 << 20
MAX_HELD_BYTES = 128 << 20
# Columns and types of one external table: they are looked through beside everybody's requests.
MAX_STRUCTURE = 1 << 14
WAIT_SECONDS = 10
MAX_WAITING = 128
_WORD = re.compile(r"[A-Za-z0-9_]{1,64}")
# An external table has columns and types, nothing that would be worked out with our rights.
_NO_STRUCTURE: tuple[str, ...] = (
    "DEFAULT",
    "MATERIALIZED",
    "ALIAS",
    "EPHEMERAL",
    "SELECT",
    "CONSTRAINT",
    "CHECK",
    "INDEX",
)
_NO_STRUCTURE += ("PROJECTION", "TTL", "CODEC")


class Server:
    """Everything a request needs. `busy` is how many jobs run or wait."""

    def __init__(
        self,
        engine: Engine,
        accounts: Accounts,
        connections: int,
        body_bytes: int,
        stall: float = bodies.STALL_SECONDS,
    ) -> None:
        """`stall`: how many seconds a body may be silent."""
        self.engine, self.accounts, self.body_bytes, self._stall = engine, accounts, body_bytes, stall
        self.sessions = Sessions()
        self._held = bodies.Held(MAX_HELD_BYTES)
        self._slots = asyncio.Semaphore(connections)
        # Readers, however many and slow, leave the writer a quarter: what happens goes on being written.
        self._reader_slots = asyncio.Semaphore(max(1, connections - max(1, connections // 4)))
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="warehouse")
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
        while self._jobs:
            for job in list(self._jobs):
                await asyncio.to_thread(job.cancel)
            await asyncio.sleep(0.1)
        await asyncio.to_thread(self._threads.shutdown)
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
            account = self.accounts.authenticate(request.headers, request.query)
            ask, statement, data, tables = await self._read(request, account, take)
            query_id = ask.query_id
            fmt = self._format(ask, statement)
            # The engine parses it too, which takes a millisecond, more when it is busy.
            await asyncio.to_thread(self._check, account, ask, statement)
            if statement.takes_data and fmt.lower() == "values":
                ask, data = await self._values(ask, statement, data)
            return await self._run(request, account, ask, statement, fmt, data, tables)
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
        if request.content_type == "multipart/form-data":
            pace = bodies.Pace(self._stall)
            form = await bodies.form(request, min(MAX_FORM_BYTES, self.body_bytes), pace, take)
            ask = asks.parse([*items, *form.fields.items()], request.headers, request.method, form.files)
            said = {**dict(items), **form.fields}
            tables = tuple(_external(table, said, data) for table, data in form.files.items())
            raw = ask.query.encode()
            statement = await _parse(raw)
            return ask, statement, _chain(raw[statement.data_at or 0 :], None), tables
        ask = asks.parse(items, request.headers, request.method)
        pace = bodies.Pace(self._stall)
        body = bodies.chunks(request, self.body_bytes, pace, ask.decompress)
        raw = ask.query.encode()
        if raw:
            statement = await _parse(raw)
            if statement.takes_data:
                pace.free()
                return ask, statement, _chain(raw[statement.data_at :], body), ()
            raw += b"\n"
        async for chunk in body:
            raw += chunk
            if account.role == WRITER and len(raw) <= MAX_QUERY_BYTES and _inserts(raw):
                pace.free()
            if len(raw) > MAX_QUERY_BYTES:
                break
        statement = await _parse(raw)
        if statement.takes_data:
            return ask, statement, _chain(raw[statement.data_at :], body), ()
        return ask, statement, _chain(b"", None), ()

    async def _values(
        self, ask: Ask, statement: Statement, data: AsyncIterator[bytes]
    ) -> tuple[Ask, AsyncIterator[bytes]]:
        """An INSERT's VALUES may be expressions where they are short enough to be looked through."""
        first = b""
        async for chunk in data:
            first += chunk
            if len(first) > MAX_QUERY_BYTES:
                if any(token.text.lower().startswith("input_format_values_") for token in statement.tokens):
                    raise denied("Not for VALUES of this size: leave input_format_values_* out.")
                return replace(ask, settings={**ask.settings, **NO_EXPRESSIONS}), _chain(first, data)
        tokens = await asyncio.to_thread(lambda: list(tokenize(first.decode("latin-1"))))
        guard.check_values(tokens)
        return ask, _chain(first, None)

    def _format(self, ask: Ask, statement: Statement) -> str:
        fmt = statement.fmt or ask.default_format or ("Values" if statement.takes_data else "TabSeparated")
        if not _WORD.fullmatch(fmt):
            raise ClickHouseError(73, "UNKNOWN_FORMAT", f"Unknown format {fmt[:40]!r}.")
        return fmt

    def _check(self, account: Account, ask: Ask, statement: Statement) -> None:
        guard.check(statement.tokens, self.engine.table_functions)
        read_only = not statement.takes_data and self.engine.is_read_only(statement.sql)
        if account.role == READER:
            tree = self.engine.tree(statement.sql) if read_only else ""
            guard.check_tree(tree, self.engine.table_functions)
            guard.check_reader(statement.tokens, read_only, ask.params, ask.database, tree)
        elif ask.read_only and not read_only:
            raise ClickHouseError(
                164,
                "READONLY",
                "Cannot execute query in readonly mode: method GET implies readonly, use POST.",
            )

    async def _run(
        self,
        request: web.Request,
        account: Account,
        ask: Ask,
        statement: Statement,
        fmt: str,
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
        job = Job(self.engine, account.role, ask, statement, fmt, tables, session, inlet, outlet)
        self._jobs.add(job)
        metrics.QUERIES_RUNNING.inc()
        ran = loop.run_in_executor(self._threads, job.run)

        def ended(_: object) -> None:
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
            response = await answers.answer(request, ask, fmt, outlet, job.summary, self.engine.version)
            await asyncio.shield(ran)
            return response
        except BaseException:
            # The client went away, or the query failed: in both cases nobody wants the rest.
            if not ran.done():
                stop = loop.create_task(_stop(job, ran))
                self._tasks.add(stop)
                stop.add_done_callback(self._tasks.discard)
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


async def _parse(raw: bytes) -> Statement:
    """The statement; a long one is cut into tokens beside the event loop, where others go on."""
    if len(raw) <= SHORT_QUERY_BYTES:
        return parse(raw)
    if len(raw) > MAX_QUERY_BYTES and not _inserts(raw):
        raise _too_long()
    statement = await asyncio.to_thread(parse, raw[:MAX_QUERY_BYTES])
    if len(raw) > MAX_QUERY_BYTES and (statement.data_at or MAX_QUERY_BYTES) >= MAX_QUERY_BYTES:
        raise _too_long()
    return statement


def _too_long() -> ClickHouseError:
    text = f"A query may have {MAX_QUERY_BYTES >> 10} KiB; send data as INSERT."
    return ClickHouseError(229, "QUERY_IS_TOO_LARGE", text)


async def _stop(job: Job, ran: asyncio.Future[None]) -> None:
    """Cancels until it has ended: the engine does not know a query in its first moment."""
    while not ran.done():
        await asyncio.to_thread(job.cancel)
        await asyncio.wait([ran], timeout=0.2)


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


def _external(table: str, said: dict[str, str], data: bytes) -> External:
    structure = said.get(f"{table}_structure", "")
    if not structure and (types := said.get(f"{table}_types", "")):
        structure = ", ".join(f"_{at} {kind}" for at, kind in enumerate(types.split(","), 1))
    if len(structure) > MAX_STRUCTURE:
        raise bad_argument(f"The structure of external table {table[:100]!r} is too long.")
    if not structure:
        raise bad_argument(f"External table {table[:100]!r} has neither structure nor types.")
    tokens = parse(structure.encode()).tokens
    if any(token.text == ";" or token.is_word(*_NO_STRUCTURE) for token in tokens) or _unbalanced(
        token.text for token in tokens if token.kind == "sign"
    ):
        raise bad_argument(f"The structure of external table {table[:100]!r} is malformed.")
    guard.check(tokens, frozenset())
    fmt = said.get(f"{table}_format", "TabSeparated")
    if not _WORD.fullmatch(fmt):
        raise ClickHouseError(73, "UNKNOWN_FORMAT", f"Unknown format {fmt[:40]!r}.")
    return External(table, structure, fmt, data)


def _unbalanced(signs: Iterable[str]) -> bool:
    depth = 0
    for sign in signs:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return True
    return depth != 0


def _too_many() -> ClickHouseError:
    return ClickHouseError(
        202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries: try again in a moment.", 503
    )
