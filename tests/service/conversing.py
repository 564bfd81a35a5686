"""Ask an application without a server, and see what it has answered while it is still asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.types import Message

from augury.service.exchange import Exchange
from augury.service.middleware import find_exchange


class Caller:
    """A caller of the application who sends pieces one by one and sees what has been answered in between."""

    def __init__(self, app: Starlette) -> None:
        self.answered: list[Message] = []
        self.exchange: Exchange | None = None
        self.may_send = asyncio.Event()
        self.may_send.set()
        self._app = app
        self._incoming: asyncio.Queue[Message | Exception] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin the request."""
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": "/predict",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"content-type", b"application/x-ndjson")],
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }

        async def receive() -> Message:
            message = await self._incoming.get()
            if isinstance(message, Exception):
                raise message
            return message

        async def send(message: Message) -> None:
            await self.may_send.wait()
            self.exchange = find_exchange(scope)
            self.answered.append(message)

        self._task = asyncio.get_running_loop().create_task(self._app(scope, receive, send))  # type: ignore[arg-type]

    def put(self, message: Message | Exception) -> None:
        """Send something, or let asking for it fail."""
        self._incoming.put_nowait(message)

    def count_unread(self) -> int:
        """How much of what was sent the application has not taken."""
        return self._incoming.qsize()

    async def say(self, message: Message | Exception) -> None:
        """Send something, and let the application do all that it can do without more."""
        self.put(message)
        for _ in range(20):
            await asyncio.sleep(0)

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body."""
        await self.say({"type": "http.request", "body": piece, "more_body": True})

    @property
    def has_ended(self) -> bool:
        """Whether the application is done, also where it failed."""
        return self._task is not None and self._task.done()

    async def end(self) -> None:
        """Await the end of the application."""
        assert self._task is not None
        await asyncio.wait_for(self._task, 30)

    @property
    def body(self) -> bytes:
        """What was answered so far."""
        return b"".join(message.get("body", b"") for message in self.answered)

    @property
    def is_complete(self) -> bool:
        """Whether the answer has ended as an answer ends."""
        return bool(self.answered) and self.answered[-1].get("more_body") is False


def converse(app: Starlette, conversation: Callable[[Caller], Awaitable[None]]) -> Caller:
    """Have a conversation with an application, and await its end."""

    async def run() -> Caller:
        caller = Caller(app)
        caller.start()
        await conversation(caller)
        if not caller.has_ended:
            await caller.end()
        return caller

    return asyncio.run(run())
