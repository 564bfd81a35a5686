"""Whether a span tells of each request what a trace needs, and nothing of its record."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, time_ns
from typing import Any, ClassVar
from urllib.request import Request, urlopen

import msgspec
import pytest

from augury.errors import UsageError
from augury.model import Model
from augury.service.app import build_app
from augury.service.drain import Drain
from augury.service.edge.edge import Edge
from augury.service.edge.head import read_head
from augury.service.exchange import CLIENT_GONE, Exchange
from augury.service.log.access import StandardLog
from augury.service.log.tracing import TracedLog, check_tracing, describe_span, tell_traces
from augury.service.models import Roster, find_label, gather_models
from augury.service.service import Service
from augury.service.settings import Settings
from augury.service.trace import read_trace
from tests.service.asking import JSON, ask
from tests.service.running import run_server

TRACE_ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = f"00-{TRACE_ID}-{PARENT}-01"

needs_extra = pytest.mark.skipif(not find_spec("opentelemetry"), reason="the extra otel is not installed")


class Traced:
    """A service whose spans are kept in memory."""

    def __init__(self, model: Model) -> None:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        log = TracedLog(StandardLog(), self.provider)
        self.service = Service(Roster(gather_models([model])), Settings(), Drain(), log=log)
        self.app = build_app(self.service)

    def spans(self) -> list[Any]:
        """The spans that were made."""
        return list(self.exporter.get_finished_spans())


@pytest.fixture
def traced(model: Model) -> Iterator[Traced]:
    """A service that has made no span yet."""
    found = Traced(model)
    yield found
    found.provider.shutdown()


@needs_extra
def test_a_request_has_a_span(traced: Traced, model: Model, body: bytes) -> None:
    """A span of the kind server is named by method and route, and described by the conventions of HTTP."""
    before = time_ns()
    answer = ask(traced.app, "POST", "/predict", body, headers={**JSON, "x-request-id": "order-7"})
    (span,) = traced.spans()
    assert (span.name, span.kind.name, span.status.status_code.name) == ("POST /predict", "SERVER", "UNSET")
    assert dict(span.attributes) == {
        "http.request.method": "POST",
        "http.route": "/predict",
        "http.response.status_code": 200,
        "http.response.body.size": len(answer.body),
        "augury.request_id": "order-7",
        "augury.model": find_label(model),
    }
    assert before - 1_000_000 <= span.start_time < span.end_time <= time_ns()
    assert span.parent is None


@needs_extra
def test_the_caller_says_the_parent(traced: Traced, body: bytes) -> None:
    """The span belongs to the trace of a well-formed ``traceparent``, below the span that it names."""
    ask(traced.app, "POST", "/predict", body, headers={**JSON, "traceparent": SENT})
    (span,) = traced.spans()
    assert f"{span.context.trace_id:032x}" == TRACE_ID
    assert (f"{span.parent.span_id:016x}", span.parent.is_remote) == (PARENT, True)


@needs_extra
def test_a_caller_may_say_that_nothing_is_sampled(traced: Traced, body: bytes) -> None:
    """A trace that is not sampled elsewhere is not sampled here."""
    ask(traced.app, "POST", "/predict", body, headers={**JSON, "traceparent": f"{SENT[:-2]}00"})
    assert traced.spans() == []


@needs_extra
def test_a_malformed_parent_is_none(traced: Traced, body: bytes) -> None:
    """Of a malformed ``traceparent`` nothing is taken: the span begins a trace of its own."""
    ask(traced.app, "POST", "/predict", body, headers={**JSON, "traceparent": SENT.upper()})
    (span,) = traced.spans()
    assert span.parent is None


@needs_extra
def test_the_lane_has_spans_too(traced: Traced, body: bytes) -> None:
    """What is answered before the application is asked has the same span as what the application answers."""
    head = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    lane = Edge(traced.service, traced.app).lane
    ticket = lane.issue(read_head(head, traced.service.settings))
    assert ticket is not None
    assert lane.answer(ticket, body, 0.0, keep_alive=True)
    ask(traced.app, "POST", "/predict", body, headers=JSON)
    by_lane, by_app = traced.spans()
    assert (by_lane.name, by_lane.kind) == (by_app.name, by_app.kind)
    varying = {"augury.request_id"}
    assert {key: value for key, value in by_lane.attributes.items() if key not in varying} == {
        key: value for key, value in by_app.attributes.items() if key not in varying
    }


@needs_extra
def test_a_span_holds_nothing_of_a_record(traced: Traced, record: dict[str, object]) -> None:
    """The codes of a refusal are told; values, the path and the query of the caller are not."""
    secret = "a-value-that-nobody-may-see"
    bad = msgspec.json.encode({**record, "tenure": secret, secret: 1})
    assert ask(traced.app, "POST", "/predict", bad, headers=JSON).status == 422
    assert ask(traced.app, "GET", f"/{secret}", b"", headers={}).status == 404
    assert ask(traced.app, secret.upper(), "/predict", b"", headers={}).status == 405
    refused, lost, other = traced.spans()
    assert refused.attributes["augury.faults"] == ("type",)
    assert refused.status.status_code.name == "UNSET"
    assert (lost.name, other.name, other.attributes["http.request.method"]) == ("GET", "HTTP /predict", "_OTHER")
    assert secret not in json.dumps([json.loads(span.to_json()) for span in traced.spans()]).lower()


def test_a_failure_is_an_error_and_a_caller_who_left_is_told() -> None:
    """A 5xx has its status as the type of the error; who went away had no status."""
    exchange = _make_exchange(status=503)
    assert describe_span(exchange)[1]["error.type"] == "503"
    exchange.status = CLIENT_GONE
    _, attributes = describe_span(exchange)
    assert attributes["error.type"] == "client_gone"
    assert "http.response.status_code" not in attributes


def test_what_is_counted_is_told() -> None:
    """Rows, codes and the key's name are told where there are any."""
    exchange = _make_exchange(rows=3, faults={"type": 2, "level": 1}, notes={"range": 1}, key="shop")
    exchange.trace = read_trace(SENT.encode())
    attributes = describe_span(exchange)[1]
    told = {name: value for name, value in attributes.items() if name.startswith("augury.")}
    del told["augury.model"], told["augury.request_id"]
    assert told == {
        "augury.rows": 3,
        "augury.faults": ["level", "type"],
        "augury.notes": ["range"],
        "augury.key": "shop",
    }


def _make_exchange(**members: Any) -> Exchange:
    from tests.service.models import make_model

    models = gather_models([make_model()])
    return Exchange(request_id="a", method="GET", models=models, model=models.default, **members)


@needs_extra
def test_the_end_sends_what_waits_and_awaits_nobody(traced: Traced) -> None:
    """At the end the provider is told to finish, and a collector that takes for ever is not waited for."""
    told, never = [], threading.Event()

    def finish() -> None:
        told.append(True)
        never.wait(20)

    traced.provider.shutdown, shutdown = finish, traced.provider.shutdown
    started = monotonic()
    with tell_traces(StandardLog(), is_wanted=True, make=lambda: traced.provider) as log:
        log(_make_exchange(), 0.1)
    assert (told, len(traced.spans()), monotonic() - started < 10) == ([True], 1, True)
    never.set()
    shutdown()


class Collector(BaseHTTPRequestHandler):
    """Takes spans as a collector does."""

    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        """Keep what comes."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_what: object) -> None:
        """Be quiet."""


@needs_extra
@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_sends_its_spans(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: Model, body: bytes, workers: int
) -> None:
    """A collector has a span of every request once the service has ended, from however many workers."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    monkeypatch.setattr(Collector, "bodies", [])
    model.save(tmp_path / "churn.augury.json")
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        with run_server(tmp_path, [tmp_path / "churn.augury.json"], workers=workers, tracing=True) as running:
            for _ in range(20):
                asked = Request(f"{running.url}/predict", body, JSON)
                with urlopen(asked, timeout=20) as answer:
                    assert answer.status == 200
            status, _ = running.stop(signal.SIGTERM)
            assert status == 0
        collector.shutdown()
    resources = [
        found for sent in Collector.bodies for found in ExportTraceServiceRequest.FromString(sent).resource_spans
    ]
    spans = [span for found in resources for scope in found.scope_spans for span in scope.spans]
    assert [span.name for span in spans] == ["POST /predict"] * 20
    names = {a.value.string_value for found in resources for a in found.resource.attributes if a.key == "service.name"}
    assert names == {"augury"}


def test_without_the_option_nothing_is_made() -> None:
    """A log stays as it is where no spans are wanted."""
    log = StandardLog()
    with tell_traces(log, is_wanted=False) as told:
        assert told is log


def test_without_the_option_nothing_is_imported() -> None:
    """The service starts without a line of OpenTelemetry."""
    code = (
        "import sys, augury.service.process.run; print([name for name in sys.modules if name[:13] == 'opentelemetry'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_an_extra_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that cannot be honoured is refused, with what to install."""
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("augury.service.log.tracing.find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"opentelemetry is not installed.*augury\[otel\]"):
        check_tracing()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
    ],
)
def test_what_the_extra_does_not_have_is_an_error(monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    """A variable that asks for another exporter or protocol is refused rather than ignored."""
    monkeypatch.setattr("augury.service.log.tracing.find_spec", lambda found: found)
    check_tracing()
    monkeypatch.setitem(os.environ, name, said)
    with pytest.raises(UsageError, match=name):
        check_tracing()
