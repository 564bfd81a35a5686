"""The application that stands behind each edge: so small that what is measured is the edge."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

_JSON = (b"content-type", b"application/json")
ANSWER = b'{"churn":false,"churn_probability":0.05960568770951473}'
BUSY_SECONDS = 0.6
_PIECE = b"x" * (256 * 1024)
_PIECES = 256

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer by the path; a path that is not known is refused without a look at the body."""
    if scope["type"] != "http":
        return
    path = scope["path"]
    if path == "/big":
        await _answer_big(send)
    elif path == "/length":
        await _answer(send, 200, b"%d" % await _count(receive))
    elif path == "/late":
        await asyncio.sleep(0.2)
        await _answer(send, 200, b'"late"')
    elif path == "/busy":
        time.sleep(BUSY_SECONDS)  # noqa: ASYNC251 - holds the loop, so that connections wait unread
        await _answer(send, 200, ANSWER)
    else:
        await _answer(send, 200 if path == "/" else 404, ANSWER)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [_JSON, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer_big(send: Send) -> None:
    headers = [_JSON, (b"content-length", b"%d" % (len(_PIECE) * _PIECES))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(_PIECES):
        await send({"type": "http.response.body", "body": _PIECE, "more_body": number < _PIECES - 1})


async def _count(receive: Receive) -> int:
    length = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return length
        length += len(message["body"])
        if not message["more_body"]:
            return length
