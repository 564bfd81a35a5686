from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from starlette.applications import Starlette

from augury.model import Model
from augury.service.app import build_app
from augury.service.drain import Drain
from augury.service.exchange import Exchange
from augury.service.log.access import JsonLog, RequestLog, StandardLog
from augury.service.log.format import write_json, write_text
from augury.service.log.start import start_logging
from augury.service.models import Roster, find_label, gather_models
from augury.service.service import Service
from augury.service.settings import Settings
from augury.service.trace import Trace, read_trace
from tests.service.asking import JSON, ask
from tests.service.models import make_model
from tests.service.running import PATIENCE, run_server
from tests.service.test_gate import KEY, KEYS
from tests.service.test_trace import SENT, TRACE_ID

LOGGERS = ("augury.service", "uvicorn.error")
MODEL = make_model()
IDS = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)


class Kept(Struct):
    """A file that the service logs into."""

    path: Path
    log: RequestLog

    def read(self) -> list[dict[str, Any]]:
        """The lines so far."""
        return [json.loads(line) for line in self.path.read_text().splitlines()]


class Memory:
    """A sink that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def write(self, line: bytes, *, at_once: bool = False) -> None:  # noqa: ARG002 - as of a sink
        """Keep a line."""
        self.lines.append(line)


@pytest.fixture
def restored() -> Iterator[None]:
    """The loggers as they were."""
    yield
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


@pytest.fixture
def kept(tmp_path: Path, restored: None) -> Iterator[Kept]:  # noqa: ARG001 - the fixture undoes what this one does
    """Where the service logs during one test, as JSON."""
    with (tmp_path / "log").open("wb") as file:
        yield Kept(tmp_path / "log", start_logging("auto", file.fileno()))


def test_one_line_a_request(app: Starlette, model: Model, body: bytes, kept: Kept) -> None:
    """A request is logged once: what was asked, of which model, how it was answered, and how long that took."""
    answer = ask(app, "POST", "/models/churn/predict", body, JSON | {"x-request-id": "r1"})
    [line] = kept.read()
    assert timedelta(0) == datetime.fromisoformat(line.pop("time")).utcoffset()
    assert 0 < line.pop("duration_ms") < 10_000
    assert line == {
        "level": "info",
        "event": "request",
        "method": "POST",
        "route": "/models/{name}/predict",
        "status": 200,
        "bytes": len(answer.body),
        "request_id": "r1",
        "model": f"churn@{model.digest[7:19]}",
    }


def test_codes_are_logged(app: Starlette, record: dict[str, Any], kept: Kept) -> None:
    """The codes of faults and notes are counted in the line, and of an array its length."""
    rows = [record | {"tenure": "12", "partner": 1}, record | {"tenure": 80}, record | {"x": 1}, {}]
    ask(app, "POST", "/predict", json.dumps(rows).encode())
    ask(app, "POST", "/predict", json.dumps(rows[0]).encode())
    array, single = kept.read()
    assert array["rows"] == 4
    assert array["faults"] == {"type": 2, "absent": 18}
    assert array["notes"] == {"range": 1, "unknown_key": 1}
    assert (single["status"], single["faults"]) == (422, {"type": 2})


def test_a_record_is_never_logged(app: Starlette, record: dict[str, Any], kept: Kept) -> None:
    """Nothing of a record, a path, a query or a header is in the log, whether it was answered or refused."""
    secret = "s3cr3t"
    for sent in (record | {"customerid": secret}, {secret: secret}, {"gender": secret}, [secret]):
        ask(app, "POST", "/predict", json.dumps(sent).encode(), JSON | {"user-agent": secret}, query=f"q={secret}")
    ask(app, "GET", f"/{secret}")
    ask(app, "GET", f"/models/{secret}", headers={"x-request-id": f"{secret}/{secret}"})
    ask(app, "POST", "/predict", secret.encode())
    assert len(kept.read()) == 7
    assert secret not in kept.path.read_text()


def test_an_unknown_path_has_no_route(app: Starlette, kept: Kept) -> None:
    """A path without a route is logged as such: the path itself is the caller's."""
    ask(app, "GET", "/nothing")
    assert [(line["route"], line["status"]) for line in kept.read()] == [(None, 404)]


def test_a_caller_that_goes_away(app: Starlette, kept: Kept) -> None:
    """A caller who leaves before the body ends is logged, and is no failure of ours."""
    with pytest.raises(ValueError, match="unpack"):  # there is no answer to read
        ask(app, "POST", "/predict", [])
    [line] = kept.read()
    assert (line["level"], line["status"]) == ("info", 499)


def test_a_head_sends_no_bytes(app: Starlette, kept: Kept) -> None:
    """HEAD is logged with no bytes, for none are sent."""
    ask(app, "HEAD", "/ping")
    assert [line["bytes"] for line in kept.read()] == [0]


@pytest.mark.parametrize("is_whole", [True, False], ids=["by the sink", "by the standard library"])
def test_who_asked_and_in_which_trace(kept: Kept, body: bytes, is_whole: bool) -> None:
    """The line names the key and the trace where there are any, never the key itself, and both logs say the same."""
    log = kept.log if is_whole else StandardLog()
    service = Service(Roster(gather_models([MODEL])), Settings(api_keys=KEYS), Drain(), log=log)
    app = build_app(service)
    ask(app, "POST", "/predict", body, JSON | {"x-api-key": KEY, "traceparent": SENT})
    ask(app, "POST", "/predict", b"{}", JSON | {"authorization": f"Bearer {KEY}"})
    ask(app, "POST", "/predict", body, JSON | {"x-api-key": KEY[:-1]})
    answered, refused, unknown = kept.read()
    assert list(answered)[-3:] == ["model", "key", "trace_id"]
    assert (answered["key"], answered["trace_id"]) == ("billing", TRACE_ID)
    assert list(refused)[-2:] == ["faults", "key"]
    assert (unknown["status"], unknown["route"], "key" in unknown) == (401, None, False)
    assert KEY[:-1] not in kept.path.read_text()


@given(
    when=st.integers(0, 4_000_000_000 * 10**9),
    seconds=st.floats(0, 100_000),
    size=st.integers(0, 2**40),
    request_id=IDS,
    key=st.none() | IDS,
    route=st.sampled_from(["/predict", "/models/{name}/predict"]),
    trace=st.sampled_from([None, read_trace(SENT.encode())]),
)
def test_the_quick_line_is_the_slow_one(
    *, when: int, seconds: float, size: int, request_id: str, key: str | None, route: str, trace: Trace | None
) -> None:
    """The line of an answered record is the same byte for byte, whichever of the three ways it is written."""
    quick, slow = Memory(), Memory()
    exchange = Exchange(
        request_id=request_id,
        method="POST",
        models=gather_models([MODEL]),
        model=MODEL,
        route=route,
        status=200,
        size=size,
        key=key,
        trace=trace,
    )
    for seconds_apart in (0, 0.25):
        at = when + int(seconds_apart * 1e9)
        log = RequestLog(slow, write_json, lambda at=at: at)  # type: ignore[arg-type, misc]
        log(exchange, seconds)
        log.prepare(route, find_label(MODEL), key)(seconds, size, request_id, trace)
    json_log = JsonLog(quick, iter([when, when, when + 250_000_000, when + 250_000_000]).__next__)  # type: ignore[arg-type]
    log_quickly = json_log.prepare(route, find_label(MODEL), key)
    for _ in range(4):
        log_quickly(seconds, size, request_id, trace)
    assert quick.lines == slow.lines
    assert abs(json.loads(quick.lines[0])["duration_ms"] - seconds * 1000) < 0.001
    told = datetime.fromisoformat(json.loads(quick.lines[0])["time"]).timestamp()
    assert 0 <= when / 1e9 - told < 0.0011


@pytest.mark.parametrize("log_format", ["auto", "text"])
def test_text_on_a_terminal(app: Starlette, restored: None, log_format: Any) -> None:  # noqa: ARG001 - as above
    """On a terminal the line is text for a person, by whichever way it is logged."""
    ours, theirs = os.openpty()
    try:
        log = start_logging(log_format, theirs)
        ask(app, "POST", "/predict", b"{}", JSON | {"x-request-id": "r1"})
        refused = os.read(ours, 10_000).decode().rstrip()
        log.prepare("/predict", "churn@0", None)(0.001, 47, "r2", None)
        answered = os.read(ours, 10_000).decode().rstrip()
    finally:
        os.close(ours)
        os.close(theirs)
    assert " request method=POST route=/predict status=422 " in refused
    assert " request_id=r1 " in refused
    assert refused.endswith("faults=absent:18")
    assert answered.endswith(
        " request method=POST route=/predict status=200 duration_ms=1.0 bytes=47 request_id=r2 model=churn@0"
    )


def test_a_traceback_in_text() -> None:
    """A failure in text has its traceback below it, and what no terminal can show is escaped."""
    written = write_text(0, "error", "failure", {"request_id": "r\ud800", "traceback": "File a\nFile b\n"}).decode()
    assert written.split(" ", 1)[1] == "failure request_id=r\\ud800\nFile a\nFile b\n"


def test_a_line_for_each_request_of_several_workers(tmp_path: Path, model: Model, body: bytes) -> None:
    """Two workers lose no line, write none twice, and have written all of them once they have stopped."""
    model.save(tmp_path / "churn.augury.json")
    with run_server(tmp_path, [tmp_path / "churn.augury.json"], workers=2) as server:
        sent = [f"r{number}" for number in range(60)]
        for request_id in sent:
            headers = {"Content-Type": "application/json", "X-Request-Id": request_id}
            requests.post(f"{server.url}/predict", body, headers=headers, timeout=PATIENCE)
        server.stop(signal.SIGTERM)
        assert sorted(line["request_id"] for line in server.read_log()) == sorted(sent)


def test_a_time_in_words() -> None:
    """Milliseconds are cut off, never rounded into the next second."""
    line = write_json(1_999_999_999_999_999_999, "info", "e", {})
    assert json.loads(line)["time"] == "2033-05-18T03:33:19.999+00:00"
