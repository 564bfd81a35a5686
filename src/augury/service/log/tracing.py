"""OpenTelemetry: a span for each request, made once it is answered; nothing of it is imported unless asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from time import time_ns
from typing import TYPE_CHECKING

from augury.errors import UsageError
from augury.service.exchange import CLIENT_GONE, Exchange
from augury.service.log.access import Log, LogAnswer
from augury.service.metrics.tally import METHODS
from augury.service.models import find_label
from augury.service.trace import Trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Attributes = dict[str, "str | int | list[str]"]

_OPTION = "--tracing"
# What OpenTelemetry's own variables may say; anything else is not in the extra.
_EXPORTERS = {"OTEL_TRACES_EXPORTER": "otlp"}
_PROTOCOLS = dict.fromkeys(("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf")
# At the end the collector has this long to take what waits; the whole stop has ten.
_END_SECONDS = 1.0


def check_tracing() -> None:
    """Check that spans can be made and sent as the environment says.

    Raises:
        UsageError: the extra is not installed, or a variable asks for what is not in it.
    """
    for name in ("opentelemetry", "opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http"):
        try:
            is_there = find_spec(name) is not None
        except ImportError:
            is_there = False
        if not is_there:
            raise UsageError(f"{name} is not installed", where=_OPTION, mend="install augury[otel]")
    for name, taken in (_EXPORTERS | _PROTOCOLS).items():
        said = os.environ.get(name, taken)
        if said != taken:
            raise UsageError(f"{name} is {said[:64]!r}", where=_OPTION, mend=f"say {taken}, or nothing")


@contextmanager
def tell_traces(
    log: Log, *, is_wanted: bool, make: Callable[[], TracerProvider] | None = None
) -> Generator[Log, None, None]:
    """Tell each request to a tracer as well as to a log, until the end; it has a thread, so it begins after a fork.

    Args:
        log: who is told in any case.
        is_wanted: whether there are to be spans.
        make: makes OpenTelemetry's provider; by default one that exports as its variables say.
    """
    if not is_wanted:
        yield log
        return
    provider = (make or _make_provider)()
    try:
        yield TracedLog(log, provider)
    finally:
        # It awaits the collector, for half a minute if need be; the thread ends with the process.
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(_END_SECONDS)


class TracedLog:
    """A log that makes a span of each request that it is told.

    A span after the fact costs the same as one around, and needs nothing at the lane or the application. What a caller
    made up is in no attribute: ``url.path``, which the conventions want, is left out.
    """

    def __init__(self, log: Log, provider: TracerProvider, clock: Callable[[], int] = time_ns) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._log = log
        self._clock = clock
        self._kind, self._failed = SpanKind.SERVER, Status(StatusCode.ERROR)
        self._extract = TraceContextTextMapPropagator().extract
        self._tracer = provider.get_tracer("augury.service")

    def __call__(self, exchange: Exchange, seconds: float) -> None:
        """Log a request, and make its span."""
        self._log(exchange, seconds)
        name, attributes = describe_span(exchange)
        self._make(name, attributes, seconds, exchange.trace, has_failed=exchange.status >= 500)

    def prepare(self, route: str, label: str, key: str | None) -> LogAnswer:
        """Prepare to log answered records, and to make their spans."""
        log = self._log.prepare(route, label, key)
        known: Attributes = {
            "http.request.method": "POST",
            "http.route": route,
            "http.response.status_code": 200,
            "augury.model": label,
        }
        if key is not None:
            known["augury.key"] = key

        def log_traced(seconds: float, size: int, request_id: str, trace: Trace | None) -> None:
            log(seconds, size, request_id, trace)
            attributes = {**known, "http.response.body.size": size, "augury.request_id": request_id}
            self._make(f"POST {route}", attributes, seconds, trace)

        return log_traced

    def _make(
        self, name: str, attributes: Attributes, seconds: float, trace: Trace | None, *, has_failed: bool = False
    ) -> None:
        end = self._clock()
        parent = None if trace is None else self._extract({"traceparent": trace.traceparent})
        start = end - int(seconds * 1e9)
        # Without a parent of the caller's own it is a root, whatever context this code happens to run in.
        span = self._tracer.start_span(
            name, parent or self._extract({}), self._kind, attributes=attributes, start_time=start
        )
        if has_failed:
            span.set_status(self._failed)
        span.end(end)


def describe_span(exchange: Exchange) -> tuple[str, Attributes]:
    """Name a request, and describe it by OpenTelemetry's conventions for HTTP and by what is ours; never a record.

    https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
    """
    is_known = exchange.method in METHODS
    method = exchange.method if is_known else "_OTHER"
    attributes: Attributes = {
        "http.request.method": method,
        "augury.request_id": exchange.request_id,
        "augury.model": find_label(exchange.model),
    }
    if exchange.route is not None:
        attributes["http.route"] = exchange.route
    if exchange.status == CLIENT_GONE:
        attributes["error.type"] = "client_gone"
    else:
        attributes["http.response.status_code"] = exchange.status
        attributes["http.response.body.size"] = exchange.size
    if exchange.status >= 500:
        attributes["error.type"] = str(exchange.status)
    if exchange.rows is not None:
        attributes["augury.rows"] = exchange.rows
    if exchange.faults:
        attributes["augury.faults"] = sorted(exchange.faults)
    if exchange.notes:
        attributes["augury.notes"] = sorted(exchange.notes)
    if exchange.key is not None:
        attributes["augury.key"] = exchange.key
    name = method if is_known else "HTTP"
    return (name if exchange.route is None else f"{name} {exchange.route}"), attributes


def _make_provider() -> TracerProvider:
    """Make what exports over OTLP, as OpenTelemetry's variables say where and how much."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from augury import __version__

    resource = Resource.create({"service.version": __version__})
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "augury"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
