"""What goes around every request: its exchange, one log line, and a problem instead of a traceback."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import cast

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from augury.service.exchange import CLIENT_GONE, Exchange, find_signature
from augury.service.log.access import log_failure
from augury.service.problems import Refusal, answer_internal, answer_refusal
from augury.service.request_id import find_request_id
from augury.service.response import make_problem
from augury.service.service import Service
from augury.service.trace import find_trace

_KEY = "augury.exchange"


def find_exchange(scope: Scope) -> Exchange:
    """Find the exchange that a request belongs to."""
    return cast("Exchange", scope[_KEY])


class ExchangeMiddleware:
    """Give each request its exchange, each answer its headers, and the log one line."""

    def __init__(self, app: ASGIApp, *, service: Service, clock: Callable[[], float] = perf_counter) -> None:
        self._app = app
        self._service = service
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = self._clock()
        models = self._service.roster.models
        exchange = scope[_KEY] = Exchange(
            request_id=find_request_id(scope["headers"]),
            method=scope["method"],
            models=models,
            model=models.default,
            meter=self._service.meter,
            is_stranger=self._service.gate.asks_key,
            trace=find_trace(scope["headers"]),
        )
        try:
            await self._admit(scope, receive, self._wrap_send(exchange, send, is_head=scope["method"] == "HEAD"))
        finally:
            seconds = self._clock() - started
            self._service.meter.count_request(exchange.route, exchange.method, exchange.status, seconds)
            self._service.log(exchange, seconds)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that the gate lets in; a stranger is told nothing, not even which routes there are."""
        exchange = find_exchange(scope)
        try:
            exchange.key = self._service.gate.check(scope["path"], scope["headers"])
        except Refusal as refusal:
            exchange.meter.count_refusal(refusal.kind)
            await make_problem(answer_refusal(refusal, exchange.request_id), scope)(scope, receive, send)
            return
        exchange.is_stranger = self._service.gate.asks_key and exchange.key is None
        await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = find_exchange(scope)
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception as error:  # every caller needs a problem in its place, and the log the traceback
            log_failure(exchange, error)
            if exchange.status != CLIENT_GONE:
                raise  # half an answer is out: only closing the connection tells the caller so
            await make_problem(answer_internal(exchange.request_id), scope)(scope, receive, send)

    def _wrap_send(self, exchange: Exchange, send: Send, *, is_head: bool) -> Send:
        async def send_signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                signature = find_signature(exchange).items()
                headers = [*message["headers"], *((name.lower().encode(), value.encode()) for name, value in signature)]
                if self._service.drain.has_begun:
                    headers.append((b"connection", b"close"))
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body" and not is_head:
                exchange.size += len(message.get("body", b""))
            await send(message)

        return send_signed
