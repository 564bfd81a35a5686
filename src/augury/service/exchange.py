"""What goes around every request: its id, who answers, one log line, and a problem instead of a traceback."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import cast

from msgspec import Struct
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from augury.prediction import Scorer
from augury.service.access_log import log_failure, log_request
from augury.service.drain import Drain
from augury.service.models import find_label
from augury.service.problems import answer_internal
from augury.service.request_id import find_request_id
from augury.service.response import make_response

_KEY = "augury.exchange"
# What the log says when the caller went away before the answer; no answer has this status (nginx uses it so).
_CLIENT_GONE = 499


class Exchange(Struct, kw_only=True):
    """One request on its way to its answer.

    ``route`` is the template of the path that was found, such as ``/models/{name}``; None when none was.
    ``faults`` counts the codes for which records were refused, ``notes`` those that were noted; ``rows`` is the length
    of an array, None for a single record.
    """

    request_id: str
    method: str
    model: Scorer
    faults: dict[str, int]
    notes: dict[str, int]
    route: str | None = None
    rows: int | None = None
    status: int = _CLIENT_GONE
    size: int = 0


def find_signature(exchange: Exchange) -> dict[str, str]:
    """Find the headers of every answer: the model that gave it, and the request that it answers."""
    return {"Augury-Model": find_label(exchange.model), "X-Request-Id": exchange.request_id}


def find_exchange(scope: Scope) -> Exchange:
    """Find the exchange that a request belongs to."""
    return cast("Exchange", scope[_KEY])


class ExchangeMiddleware:
    """Give each request its exchange, each answer its headers, and the log one line."""

    def __init__(
        self, app: ASGIApp, *, default: Scorer, drain: Drain, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._app = app
        self._default = default
        self._drain = drain
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = self._clock()
        request_id = find_request_id(scope["headers"])
        exchange = scope[_KEY] = Exchange(
            request_id=request_id, method=scope["method"], model=self._default, faults={}, notes={}
        )
        try:
            await self._answer(scope, receive, self._wrap_send(exchange, send, is_head=scope["method"] == "HEAD"))
        finally:
            log_request(exchange, self._clock() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = find_exchange(scope)
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception as error:  # every caller needs a problem in its place, and the log the traceback
            log_failure(exchange, error)
            if exchange.status != _CLIENT_GONE:
                raise  # half an answer is out: only closing the connection tells the caller so
            await make_response(answer_internal(exchange.request_id))(scope, receive, send)

    def _wrap_send(self, exchange: Exchange, send: Send, *, is_head: bool) -> Send:
        async def send_signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                signature = find_signature(exchange).items()
                headers = [*message["headers"], *((name.lower().encode(), value.encode()) for name, value in signature)]
                if self._drain.has_begun:
                    headers.append((b"connection", b"close"))
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body" and not is_head:
                exchange.size += len(message.get("body", b""))
            await send(message)

        return send_signed
