"""The server in one process: uvicorn, with a stop that answers every connection which it could accept."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import socket
import time
from collections.abc import Callable, Generator
from types import FrameType

from starlette.applications import Starlette
from uvicorn import Config, Server

from augury.service.app import build_app
from augury.service.edge.connection import Connection
from augury.service.edge.edge import Edge
from augury.service.process.sockets import hold_back
from augury.service.service import Service

# While the stop is announced, for this long: answers end their connections, and whoever asks readiness hears of it.
_ANNOUNCED_SECONDS = 0.5
# Connections that were begun before nobody could begin any more have this long to be made: a round trip.
_HANDSHAKE_SECONDS = 0.2
# A connection that was accepted and has not asked yet is given this long to ask: a busy client needs some of it.
_FIRST_REQUEST_SECONDS = 1.5
_GLANCE_SECONDS = 0.02
# uvloop takes one new connection in each of its turns: with turns of 50 ms somebody would wait for seconds.
_TAKEN_A_TURN = 64
# The loop closes a listener in its next turn or the one after.
_TURNS_TO_CLOSE = 3
# What is still being answered has this long; with the times above the process is gone within ten seconds.
_FINISH_SECONDS = 7


# By this a worker learns that another has taken its place; by SIGTERM, that all of them stop.
RELIEVED: int = getattr(signal, "SIGUSR1", 0)


class GracefulServer(Server):
    """A server that answers what it accepted before it stops.

    Where new callers cannot be held back (on other systems than Linux), a connection that the kernel makes in the very
    instant in which the last listener closes can be reset.

    SIGTERM, SIGINT and :data:`RELIEVED` begin the stop; a second SIGINT ends the process at once. ``captured`` is the
    signal that began it, None if there was none. ``on_ready`` is called when the socket answers.
    """

    def __init__(self, service: Service, on_ready: Callable[[], None]) -> None:
        app = build_app(service)
        self._edge = Edge(service, app)
        super().__init__(_make_config(app, self._welcome))
        self.captured: int | None = None
        self.is_relieved = False  # another worker goes on listening, so nobody may be held back
        self._drain = service.drain
        self._on_ready = on_ready
        self._listeners: list[socket.socket] = []
        self._is_to_take = False

    def begin_stop(self, sig: int | None = None) -> None:
        """Begin to stop."""
        self._drain.begin()
        self.should_exit = True
        self.captured = self.captured or sig

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """Begin to stop, or end at once when SIGINT comes a second time."""
        if self._drain.has_begun and sig == signal.SIGINT:
            os._exit(128 + signal.SIGINT)
        self.is_relieved = self.is_relieved or sig == RELIEVED
        self.begin_stop(sig)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Handle signals while serving; unlike uvicorn's, do not raise them again afterwards."""
        handled = [sig for sig in (signal.SIGINT, signal.SIGTERM, RELIEVED) if sig]
        before = {sig: signal.signal(sig, self.handle_exit) for sig in handled}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, and say so."""
        self._listeners = sockets or []
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish: go on accepting for a moment, take what waits, then close what is idle and await the rest."""
        self.begin_stop()
        await asyncio.sleep(_ANNOUNCED_SECONDS)
        held_back = [] if self.is_relieved else [hold_back(listener) for listener in sockets or ()]
        if any(held_back):
            await asyncio.sleep(_HANDSHAKE_SECONDS)
        # Our own handle on each listener outlives the loop's, so that what comes until the very end can be taken.
        held = [listener.dup() for listener in sockets or ()]
        for server in self.servers:
            server.close()
        for _ in range(_TURNS_TO_CLOSE):
            await asyncio.sleep(0)
        for connection in [connection for listener in held for connection in _take_waiting(listener)]:
            await self._adopt(connection)
        await self._await_first_requests()
        await super().shutdown(sockets)

    async def _await_first_requests(self) -> None:
        """Wait for connections that have brought no request: closing one now would cut its client off."""
        until = time.monotonic() + _FIRST_REQUEST_SECONDS
        while time.monotonic() < until and self._has_silent_connection():  # noqa: ASYNC110 - uvicorn tells no event
            await asyncio.sleep(_GLANCE_SECONDS)

    def _has_silent_connection(self) -> bool:
        return any(not connection.has_asked for connection in self._edge.connections)

    def _welcome(self, **_uvicorns: object) -> Connection:
        """Make the protocol of a connection that the loop took, and take some that came with it."""
        if not self._is_to_take:
            self._is_to_take = True
            asyncio.get_running_loop().call_soon(self._take_others)
        return self._make_protocol()

    def _take_others(self) -> None:
        self._is_to_take = False
        for connection in [taken for listener in self._listeners for taken in _take_some(listener)]:
            task = asyncio.get_running_loop().create_task(self._adopt(connection))
            self.server_state.tasks.add(task)
            task.add_done_callback(self.server_state.tasks.discard)

    async def _adopt(self, connection: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(self._make_protocol, connection)

    def _make_protocol(self) -> Connection:
        return Connection(self._edge, self.server_state)


def _make_config(app: Starlette, make_protocol: Callable[..., asyncio.Protocol]) -> Config:
    """Configure uvicorn: nothing is left to the environment or to what happens to be installed."""
    return Config(
        app,
        loop="uvloop" if importlib.util.find_spec("uvloop") else "asyncio",
        http=make_protocol,  # type: ignore[arg-type]  # a class, it says, and calls it
        ws="none",
        lifespan="off",
        interface="asgi3",
        workers=1,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_FINISH_SECONDS,
    )


def _take_some(listener: socket.socket) -> list[socket.socket]:
    """Take connections that wait, a few: other workers take some too."""
    taken: list[socket.socket] = []
    with contextlib.suppress(OSError):  # none waits any more, or the listener was closed meanwhile
        while len(taken) < _TAKEN_A_TURN:
            taken.append(listener.accept()[0])
            taken[-1].setblocking(False)
    return taken


def _take_waiting(listener: socket.socket) -> list[socket.socket]:
    """Close a listener after taking the connections that the kernel made and nobody took: closing would reset them."""
    taken: list[socket.socket] = []
    # Between the accept that finds nobody and the closing, a connection can still be made and reset; two system calls
    # apart is as near as they can be.
    with listener, contextlib.suppress(OSError):
        while True:
            taken.append(listener.accept()[0])
    for connection in taken:
        connection.setblocking(False)
    return taken
