"""An edge without a server around it: real sockets, its own event loop in a thread, and raw bytes both ways."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import httptools
from msgspec import Struct
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from augury.prediction import Scorer
from augury.service.app import build_app
from augury.service.drain import Drain
from augury.service.edge.connection import Connection
from augury.service.edge.edge import Edge
from augury.service.edge.load import Load
from augury.service.models import Roster, gather_models
from augury.service.service import Service
from augury.service.settings import Settings
from tests.service import asking

# Long enough for a busy machine: nothing here waits so long unless it hangs.
PATIENCE = 20.0
_LENGTH = "content-length"


class Answer(asking.Answer, frozen=True):
    """One answer as it came over the wire."""

    is_whole: bool = False


class Running(Struct):
    """An edge that answers."""

    port: int
    edge: Edge
    service: Service
    loop: asyncio.AbstractEventLoop
    state: ServerState

    def connect(self) -> socket.socket:
        """Connect to it."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def call(self, function: Any) -> Any:
        """Call a function in its loop, and await what it returns."""

        async def run() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(PATIENCE)


@contextmanager
def run_edge(models: Sequence[Scorer], settings: Settings, *, app: ASGIApp | None = None) -> Iterator[Running]:
    """Run an edge in a thread, in front of the service's application or of another."""
    service = Service(Roster(gather_models(models)), settings, Drain())
    edge, state = Edge(service, app or build_app(service)), ServerState()
    # By a clock that stands no turn is late: here it is the tests' own work that keeps the loop from its own.
    edge.load = Load(clock=lambda: 0.0)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    started = loop.create_server(lambda: Connection(edge, state), "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(started, loop).result(PATIENCE)
    try:
        yield Running(server.sockets[0].getsockname()[1], edge, service, loop, state)
    finally:
        asyncio.run_coroutine_threadsafe(_close(server, edge), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


async def _close(server: asyncio.Server, edge: Edge) -> None:
    server.close()
    for connection in list(edge.connections):
        connection.abort()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)


def read_all(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    read = b""
    while True:
        try:
            piece = connection.recv(65_536)
        except ConnectionResetError:
            return read
        if not piece:
            return read
        read += piece


def read_answers(connection: socket.socket, count: int, raw: list[bytes] | None = None) -> list[Answer]:
    """Read so many answers; ``raw`` is given the bytes that came."""
    read = b""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        answers = parse_answers(read)
        if len(answers) >= count and answers[count - 1].is_whole:
            if raw is not None:
                raw.append(read)
            return answers
        piece = connection.recv(65_536)
        assert piece, f"closed after {read!r}"
        read += piece
    raise AssertionError(f"only {read!r}")


def parse_answers(read: bytes, *, is_head: bool = False) -> list[Answer]:
    """Take answers apart, strictly: llhttp reads them, one after the other."""
    answers: list[Answer] = []
    while read:
        head, found, rest = read.partition(b"\r\n\r\n")
        if not found:
            break
        collected = _Collected()
        parser = httptools.HttpResponseParser(collected)
        parser.feed_data(head + found)
        status, lengths = parser.get_status_code(), [value for name, value in collected.headers if name == _LENGTH]
        assert len(lengths) <= 1
        if not lengths and status != 100:
            parser.feed_data(rest)
            return [*answers, Answer(status, collected.headers, b"".join(collected.body), collected.is_whole)]
        size = 0 if is_head or status == 100 else int(lengths[0])
        answers.append(Answer(status, collected.headers, rest[:size], len(rest) >= size))
        read = rest[size:]
    return answers


class _Collected:
    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.body: list[bytes] = []
        self.is_whole = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, piece: bytes) -> None:
        self.body.append(piece)

    def on_message_complete(self) -> None:
        self.is_whole = True


def converse(running: Running, *pieces: bytes, pause: float = 0.02) -> bytes:
    """Send pieces with pauses between them, say that there is no more, and read until the other side closes."""
    with running.connect() as connection:
        for index, piece in enumerate(pieces):
            if index:
                sleep(pause)
            try:
                connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        return read_all(connection)


def ask_once(running: Running, *pieces: bytes, is_head: bool = False) -> Answer:
    """Send one request whose connection must end after its one answer."""
    answers = parse_answers(converse(running, *pieces), is_head=is_head)
    assert len(answers) == 1, answers
    return answers[0]
