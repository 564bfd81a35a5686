"""One request that the application answers: ASGI's two functions over a connection."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol, cast

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Scope

from augury.service.edge.head import Head
from augury.service.edge.wire import find_status_line
from augury.service.problems import Refusal

_LOGGER = logging.getLogger("augury.service")
# With this much of a body unread by the application, no more of it is taken from the network.
HIGH_WATER = 64 * 1024


class Caller(Protocol):
    """The connection as a request sees it."""

    @property
    def date(self) -> bytes:
        """The line of the header Date."""

    def write(self, content: bytes) -> None:
        """Send bytes."""

    async def drain(self) -> None:
        """Wait until what was sent has mostly left."""

    def want_more(self) -> None:
        """Let more of the body arrive."""

    def must_close(self, status: int) -> bool:
        """Tell whether the connection ends with an answer of this status."""

    def finish(self) -> None:
        """Take the answer as complete."""

    def abort(self) -> None:
        """End the connection, so that the caller sees that the answer is cut."""


class CallerGoneError(ClientDisconnect, OSError):
    """The caller is gone: ASGI wants an OSError of whoever sends to him then, or an endless answer would never end."""


class Cycle:
    """Give the application a request piece by piece, and send what it answers."""

    def __init__(self, head: Head, caller: Caller) -> None:
        self.has_started = False
        self.is_finished = False
        self.ends_connection = False
        self._head = head
        self._caller = caller
        self._unread = bytearray()
        self._has_all = False
        self._was_told = False
        self._is_gone = False
        self._failure: Refusal | None = None
        self._awaits_continue = head.expects_continue
        self._changed = asyncio.Event()
        self._opening = b""
        self._is_chunked = False

    @property
    def unread(self) -> int:
        """How many bytes of the body the application has not taken yet."""
        return len(self._unread)

    def feed(self, piece: bytes, *, is_last: bool) -> None:
        """Add a piece of the body."""
        self._unread += piece
        self._has_all = self._has_all or is_last
        self._changed.set()

    def fail(self, refusal: Refusal) -> None:
        """Say that the rest of the body will not come, and why: the application is told when it asks for it."""
        self._failure = refusal
        self._changed.set()

    @property
    def has_failed(self) -> bool:
        """Tell whether the application was told that the rest of the body will not come."""
        return self._failure is not None

    def leave(self) -> None:
        """Say that the caller is gone."""
        self._is_gone = True
        self._changed.set()

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Let the application answer."""
        try:
            await app(scope, self.receive, self.send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - what the application could not answer itself has begun its answer
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            _LOGGER.error("answer cut", extra={"augury_members": {"error": kind}})
        if not self.is_finished and not self._is_gone:
            self._caller.abort()

    async def receive(self) -> Message:
        """Answer ASGI's question for more of the body."""
        if self._awaits_continue and not self.has_started:
            self._awaits_continue = False
            self._caller.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not (self._unread or self._has_all or self._failure or self._is_gone or self.is_finished):
            self._changed.clear()
            self._caller.want_more()
            await self._changed.wait()
        if self._is_gone or self.is_finished:
            return {"type": "http.disconnect"}
        if self._failure is not None and not self._unread:
            raise self._failure
        piece, self._unread = bytes(self._unread), bytearray()
        if self._has_all and not piece and self._was_told:
            await self._await_end()
            return {"type": "http.disconnect"}
        self._was_told = self._has_all
        return {"type": "http.request", "body": piece, "more_body": not self._has_all}

    async def _await_end(self) -> None:
        """Wait for the caller to leave, or the answer to end: the body has been told."""
        while not (self._is_gone or self.is_finished):
            self._changed.clear()
            await self._changed.wait()

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if self._is_gone:
            raise CallerGoneError
        if message["type"] == "http.response.start":
            self._open(message)
            return
        await self._caller.drain()
        if self._is_gone:
            raise CallerGoneError
        self._send_piece(message.get("body", b""), is_last=not message.get("more_body", False))

    def _open(self, message: Message) -> None:
        """Keep the head of the answer: it is sent with the first piece of its body."""
        status = cast("int", message["status"])
        self._awaits_continue = False
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        names = {name for name, _ in headers}
        has_body = self._head.method != "HEAD" and status not in (204, 304)
        self._is_chunked = has_body and b"content-length" not in names and self._head.version == "1.1"
        if self._is_chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        # An HTTP/1.0 answer of unknown length ends where the connection does.
        self.ends_connection = has_body and not self._is_chunked and b"content-length" not in names
        self.ends_connection = self.ends_connection or self._caller.must_close(status)
        if b"connection" not in names and self.ends_connection:
            headers.append((b"connection", b"close"))
        lines = [b"%b: %b\r\n" % header for header in headers]
        self._opening = b"".join((find_status_line(status), self._caller.date, *lines, b"\r\n"))

    def _send_piece(self, piece: bytes, *, is_last: bool) -> None:
        if self._head.method == "HEAD":
            piece = b""
        elif self._is_chunked:
            piece = b"".join(
                (b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b"", b"0\r\n\r\n" if is_last else b"")
            )
        content, self._opening = self._opening + piece, b""
        self.has_started = True
        if content:
            self._caller.write(content)
        if is_last:
            self.is_finished = True
            self._changed.set()
            self._caller.finish()
