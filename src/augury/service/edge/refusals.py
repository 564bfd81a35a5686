"""What the edge itself refuses, as bytes: signed, counted and logged like every other answer."""

from __future__ import annotations

from augury.service.edge.head import Head
from augury.service.edge.wire import write_reply
from augury.service.exchange import Exchange, find_signature
from augury.service.oip.fitting import fit_reply
from augury.service.problems import Refusal, answer_refusal
from augury.service.request_id import find_request_id
from augury.service.service import Service
from augury.service.trace import find_trace

# A head that cannot be read tells no method.
_UNKNOWN = "-"


def write_refusal(
    service: Service, refusal: Refusal, head: Head | None, date: bytes, *, seconds: float, keep_alive: bool
) -> bytes:
    """Write the answer to a request that the edge refuses; ``head`` is None where it could not be read."""
    models = service.roster.models
    exchange = Exchange(
        request_id=find_request_id(head.headers if head else ()),
        method=head.method if head else _UNKNOWN,
        models=models,
        model=models.default,
        meter=service.meter,
        is_stranger=service.gate.asks_key,
        trace=find_trace(head.headers) if head else None,
    )
    reply = fit_reply(answer_refusal(refusal, exchange.request_id), head.path if head else "")
    service.meter.count_refusal(refusal.kind)
    exchange.status, exchange.size = reply.status, len(reply.body)
    service.meter.count_request(exchange.route, exchange.method, exchange.status, seconds)
    service.log(exchange, seconds)
    is_head = exchange.method == "HEAD"
    return write_reply(reply, find_signature(exchange), date, keep_alive=keep_alive, is_head=is_head)
