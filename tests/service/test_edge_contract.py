"""What the edge takes from uvicorn and httptools, whose insides may change with any release."""

from __future__ import annotations

import asyncio
import inspect
import socket
import tomllib
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httptools
import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from uvicorn import Config, Server
from uvicorn.server import ServerState

from augury.service.app import build_app
from augury.service.drain import Drain
from augury.service.models import Roster, gather_models
from augury.service.process.server import GracefulServer
from augury.service.service import Service
from augury.service.settings import Settings

ROOT = Path(__file__).parents[2]
GET = b"GET /a?b=c HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


# --- uvicorn


class Connected(asyncio.Protocol):
    """A connection that does what uvicorn's server asks of one, and notes what it is asked."""

    def __init__(self, **given: Any) -> None:
        self.given = given
        self.told_to_stop = 0
        self.state: ServerState = given["server_state"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the server's connections."""
        self.transport = transport
        self.state.connections.add(self)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Leave them."""
        self.state.connections.discard(self)  # type: ignore[arg-type]

    def shutdown(self) -> None:
        """Close."""
        self.told_to_stop += 1
        self.transport.close()


class Served:
    """A server of uvicorn's own with connections of ours, which a test talks to and stops."""

    def __init__(self, make: Callable[..., asyncio.Protocol] = Connected, **settings: Any) -> None:
        self.made: list[Any] = []
        self.unended = 0  # tasks that the server left behind
        self.listener = socket.create_server(("127.0.0.1", 0))

        def make_protocol(**given: Any) -> asyncio.Protocol:
            self.made.append(make(**given))
            return self.made[-1]

        config = Config(
            _answer_nothing,
            http=make_protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            **settings,
        )
        self.server = Server(config)

    def run(self, ask: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Serve while somebody is connected and ``ask`` has not returned, then stop as a signal does."""

        async def run() -> None:
            serving = asyncio.create_task(self.server.serve(sockets=[self.listener]))
            while not self.server.started:  # noqa: ASYNC110 - uvicorn tells no event
                await asyncio.sleep(0.01)
            _, writer = await asyncio.open_connection(*self.listener.getsockname())
            while not self.made:  # noqa: ASYNC110 - it is told by no event either
                await asyncio.sleep(0.01)
            await ask()
            self.server.should_exit = True
            await asyncio.wait_for(serving, 10)
            writer.close()
            await asyncio.sleep(0)
            self.unended = len(self.server.server_state.tasks)

        asyncio.run(run())


async def _answer_nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError("the protocol is ours: it asks no application")


async def _rest() -> None:
    await asyncio.sleep(0)


def test_whatever_is_given_as_http_is_called_for_each_connection() -> None:
    """A function in the place of a protocol's class is called with these names, and nothing by position."""
    served = Served()
    served.run(_rest)
    given = served.made[0].given
    assert set(given) == {"config", "server_state", "app_state", "_loop"}
    assert given["config"] is served.server.config
    assert given["server_state"] is served.server.server_state


def test_each_connection_is_told_once_to_stop() -> None:
    """A stop calls ``shutdown`` of what joined the server's connections, and awaits that they leave."""
    served = Served()
    served.run(_rest)
    assert [connection.told_to_stop for connection in served.made] == [1]
    assert not served.server.server_state.connections
    assert served.listener.fileno() == -1


def test_a_stop_awaits_the_tasks_that_joined() -> None:
    """What is being answered ends before the server does."""
    served, ended = Served(), []

    async def answer() -> None:
        await asyncio.sleep(0.4)
        ended.append(True)

    async def begin() -> None:
        served.server.server_state.tasks.add(task := asyncio.create_task(answer()))
        task.add_done_callback(served.server.server_state.tasks.discard)

    served.run(begin)
    assert ended == [True]


def test_a_stop_cancels_what_does_not_end() -> None:
    """A task that outlasts ``timeout_graceful_shutdown`` is cancelled, and the server ends."""
    served, tasks = Served(timeout_graceful_shutdown=1), []

    async def begin() -> None:
        tasks.append(asyncio.create_task(asyncio.sleep(60)))
        served.server.server_state.tasks.add(tasks[0])
        tasks[0].add_done_callback(served.server.server_state.tasks.discard)

    served.run(begin)
    assert (tasks[0].cancelled(), served.unended) == (True, 0)


@pytest.mark.parametrize("name", ["startup", "shutdown", "handle_exit", "capture_signals"])
def test_what_we_override_is_called_as_before(name: str) -> None:
    """Each method that ours replaces is still there, with the same parameters."""
    ours, theirs = getattr(GracefulServer, name), getattr(Server, name)
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)
    assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs)


def test_nothing_of_ours_hides_something_of_theirs(model: Any) -> None:
    """Names that we add, methods and attributes alike, are none that uvicorn's server has."""
    service = Service(Roster(gather_models([model])), Settings(), Drain())
    ours, theirs = GracefulServer(service, lambda: None), Server(Config(build_app(service), log_config=None))
    overridden = {"__init__", "__module__", "__doc__", "__firstlineno__", "__static_attributes__"}
    overridden |= {"startup", "shutdown", "handle_exit", "capture_signals"}
    added = (vars(ours).keys() - vars(theirs).keys()) | (vars(GracefulServer).keys() - overridden)
    assert {"captured", "begin_stop", "_edge", "_make_protocol"} <= added
    assert not added & set(dir(theirs))


def test_the_listeners_are_where_we_close_them() -> None:
    """``servers`` are asyncio's, one for each socket: our stop closes them before uvicorn's does."""
    served = Served()

    async def look() -> None:
        found = [server.sockets[0].getsockname() for server in served.server.servers]
        assert found == [served.listener.getsockname()]

    served.run(look)


# --- httptools


class Heard:
    """What a parser calls, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Note any call."""
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *given: self.calls.append((name, *given))


def hear(*pieces: bytes) -> tuple[Heard, httptools.HttpRequestParser]:
    """Feed pieces to a new parser."""
    heard = Heard()
    parser = httptools.HttpRequestParser(heard)
    for piece in pieces:
        parser.feed_data(piece)
    return heard, parser


def test_a_head_is_told_by_these_calls() -> None:
    """The target, then each header with its name as it was sent, then that there are no more."""
    heard, parser = hear(GET + b"X-A:  b\r\n\r\n")
    told = [call for call in heard.calls if call[0] in ("on_url", "on_header", "on_headers_complete")]
    headers = [("on_header", b"Host", b"a"), ("on_header", b"X-A", b"b")]
    assert told == [("on_url", b"/a?b=c"), *headers, ("on_headers_complete",)]
    assert (parser.get_method(), parser.get_http_version()) == (b"GET", "1.1")


def test_an_offer_to_upgrade_ends_the_parser_after_the_head() -> None:
    """The head is told whole before the exception: the edge goes on as if nothing was offered."""
    heard = Heard()
    parser = httptools.HttpRequestParser(heard)
    with pytest.raises(httptools.HttpParserUpgrade):
        parser.feed_data(GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    assert ("on_headers_complete",) in heard.calls


@pytest.mark.parametrize("cut", range(1, 19))
def test_chunks_are_told_as_they_come(cut: int) -> None:
    """A chunked body, cut anywhere, is told piece by piece, and its end once."""
    body = b"5\r\nhello\r\n0\r\n\r\n"
    heard, _ = hear(CHUNKED, body[:cut], body[cut:] if cut < len(body) else b"")
    assert b"".join(call[1] for call in heard.calls if call[0] == "on_body") == b"hello"
    assert [call[0] for call in heard.calls].count("on_message_complete") == 1


# What the edge leaves to llhttp: each would let two servers read one connection differently.
REFUSED: dict[str, bytes] = {
    "header that ends with LF": GET + b"X: a\nY: b\r\n\r\n",
    "header that ends with CR": GET + b"X: a\rY: b\r\n\r\n",
    "head that ends with LF": GET + b"\n",
    "folded line": GET + b"X: a\r\n b\r\n\r\n",
    "header without a colon": GET + b"X\r\n\r\n",
    "header without a name": GET + b": a\r\n\r\n",
    "space before the colon": GET + b"X : a\r\n\r\n",
    "null in a value": GET + b"X: a\0b\r\n\r\n",
    "name beyond ASCII": GET + b"X\xe9: a\r\n\r\n",
    "unknown method": GET.replace(b"GET", b"FETCH") + b"\r\n",
    "length that is a word": POST + b"Content-Length: ten\r\n\r\n",
    "length with a sign": POST + b"Content-Length: +5\r\n\r\n",
    "list of lengths": POST + b"Content-Length: 5, 5\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "length of 30 digits": POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    "chunks that are not the last coding": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n",
    "chunk size that is a word": CHUNKED + b"zz\r\n",
    "negative chunk size": CHUNKED + b"-1\r\n",
    "chunk size with 0x": CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n",
    "chunk size of 20 digits": CHUNKED + b"f" * 20 + b"\r\n",
    "space before a chunk size": CHUNKED + b" 5\r\nhello\r\n0\r\n\r\n",
    "space after a chunk size": CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n",
    "chunk size that ends with LF": CHUNKED + b"5\nhello\r\n0\r\n\r\n",
    "chunk without its line end": CHUNKED + b"5\r\nhelloX0\r\n\r\n",
    "trailer that ends with LF": CHUNKED + b"0\r\nX: a\nY: b\r\n\r\n",
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("size", [10_000, 1])
def test_the_parser_is_strict(name: str, size: int) -> None:
    """Without being told, the parser refuses what two servers could read differently, whole or byte by byte."""
    sent = REFUSED[name]
    with pytest.raises(httptools.HttpParserError):
        hear(*(sent[start : start + size] for start in range(0, len(sent), size)))


# --- releases


@pytest.mark.parametrize("name", ["uvicorn", "httptools"])
def test_no_release_is_taken_that_nobody_tried(name: str) -> None:
    """Both have a floor and a ceiling in pyproject.toml, and the tests run between them."""
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    declared = next(found for found in map(Requirement, lines) if found.name == name).specifier
    assert {bound.operator for bound in declared} == {">=", "<"}
    assert declared.contains(version(name))
    major, minor = Version(max(bound.version for bound in declared if bound.operator == "<")).release[:2]
    assert (major, minor) <= (0, Version(version(name)).release[1] + 1)
