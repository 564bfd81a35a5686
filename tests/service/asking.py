"""Ask an application without a server: one ASGI call, in the caller's own thread."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from starlette.types import ASGIApp, Message

from augury.contract.faults import Fault

JSON = {"content-type": "application/json"}


class Answer(Struct, frozen=True):
    """What came back; ``headers`` are as sent, in order, names in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header that comes at most once."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)

    def faults(self) -> tuple[Fault, ...]:
        """The faults of a problem."""
        return msgspec.convert(self.json()["faults"], tuple[Fault, ...])


def ask(
    app: ASGIApp,
    method: str,
    path: str,
    body: bytes | Sequence[bytes] = b"",
    headers: Mapping[str, str] | Sequence[tuple[bytes, bytes]] = JSON,
    *,
    query: str = "",
) -> Answer:
    """Send one request and await its answer; a sequence of bodies arrives in that many pieces.

    Pieces have no declared length, as with chunked transfer; one body has, as with any other.
    """
    pieces = [body] if isinstance(body, bytes) else list(body)
    sent = list(headers) if not isinstance(headers, Mapping) else _encode_headers(headers)
    if isinstance(body, bytes):
        sent.append((b"content-length", str(len(body)).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": sent,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 9696),
    }
    messages: list[Message] = []
    incoming: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": index + 1 < len(pieces)}
        for index, piece in enumerate(pieces)
    ]

    async def receive() -> Message:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    start, *rest = messages
    answered = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return Answer(start["status"], answered, b"".join(message.get("body", b"") for message in rest))


def _encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
