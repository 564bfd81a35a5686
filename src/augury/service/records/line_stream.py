"""The answers to lines as Starlette sends them: while the lines still arrive, and no faster than they are read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from augury.service.exchange import CLIENT_GONE, Exchange
from augury.service.problems import KINDS, Refusal
from augury.service.records.body import NDJSON
from augury.service.records.ndjson import LineAnswers


class LineStream(StreamingResponse):
    """The answers to a request's lines.

    The head goes out with the first of them: until then whatever ends the request can still be answered with a problem,
    and a caller that awaits ``100 Continue`` gets it, for the body is asked for first.
    """

    def __init__(self, request: Request, exchange: Exchange, answers: LineAnswers) -> None:
        self._batches = _answer_pieces(request, answers)
        self._exchange = exchange
        super().__init__(self._batches, media_type=NDJSON)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send each answer as its line comes.

        Starlette would ask for the request's messages itself while it sends, to see the caller go, and so take from us
        what is to be answered. Here nobody does: reading tells who has gone, and sending awaits the caller's reading.
        """
        first = await anext(self._batches, b"")
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        try:
            async for batch in self._batches:
                await send({"type": "http.response.body", "body": batch, "more_body": True})
        except ClientDisconnect:
            self._exchange.status = CLIENT_GONE
            raise
        except Refusal as refusal:
            # Half of the answer is out, so only its end without an end can tell the caller, and this the log.
            self._exchange.status = KINDS[refusal.kind][0]
            raise ClientDisconnect from refusal
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _answer_pieces(request: Request, answers: LineAnswers) -> AsyncIterator[bytes]:
    async for piece in request.stream():
        for batch in answers.answer(piece):
            yield batch
            await asyncio.sleep(0)
    for batch in answers.finish():
        yield batch
