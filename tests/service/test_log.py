from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from augury.model import Model
from augury.service.log_format import start_logging
from tests.service.asking import JSON, ask


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the service logs during one test, as JSON."""
    stream = io.StringIO()
    yield from _log_to(stream)


def _log_to(stream: io.StringIO) -> Iterator[io.StringIO]:
    start_logging("auto", stream)
    yield stream
    for name in ("augury.service", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_line_a_request(app: Starlette, model: Model, body: bytes, stream: io.StringIO) -> None:
    """A request is logged once: what was asked, of which model, how it was answered, and how long that took."""
    answer = ask(app, "POST", "/models/churn/predict", body, JSON | {"x-request-id": "r1"})
    [line] = _lines(stream)
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


def test_codes_are_logged(app: Starlette, record: dict[str, Any], stream: io.StringIO) -> None:
    """The codes of faults and notes are counted in the line, and of an array its length."""
    rows = [record | {"tenure": "12", "partner": 1}, record | {"tenure": 80}, record | {"x": 1}, {}]
    ask(app, "POST", "/predict", json.dumps(rows).encode())
    ask(app, "POST", "/predict", json.dumps(rows[0]).encode())
    array, single = _lines(stream)
    assert array["rows"] == 4
    assert array["faults"] == {"type": 2, "absent": 18}
    assert array["notes"] == {"range": 1, "unknown_key": 1}
    assert (single["status"], single["faults"]) == (422, {"type": 2})


def test_a_record_is_never_logged(app: Starlette, record: dict[str, Any], stream: io.StringIO) -> None:
    """Nothing of a record, a path, a query or a header is in the log, whether it was answered or refused."""
    secret = "s3cr3t"
    for sent in (record | {"customerid": secret}, {secret: secret}, {"gender": secret}, [secret]):
        ask(app, "POST", "/predict", json.dumps(sent).encode(), JSON | {"user-agent": secret}, query=f"q={secret}")
    ask(app, "GET", f"/{secret}")
    ask(app, "GET", f"/models/{secret}", headers={"x-request-id": f"{secret}/{secret}"})
    ask(app, "POST", "/predict", secret.encode())
    assert len(_lines(stream)) == 7
    assert secret not in stream.getvalue()


def test_an_unknown_path_has_no_route(app: Starlette, stream: io.StringIO) -> None:
    """A path without a route is logged as such: the path itself is the caller's."""
    ask(app, "GET", "/nothing")
    assert [(line["route"], line["status"]) for line in _lines(stream)] == [(None, 404)]


def test_a_caller_that_goes_away(app: Starlette, stream: io.StringIO) -> None:
    """A caller who leaves before the body ends is logged, and is no failure of ours."""
    with pytest.raises(ValueError, match="unpack"):  # there is no answer to read
        ask(app, "POST", "/predict", [])
    [line] = _lines(stream)
    assert (line["level"], line["status"]) == ("info", 499)


def test_a_head_sends_no_bytes(app: Starlette, stream: io.StringIO) -> None:
    """HEAD is logged with no bytes, for none are sent."""
    ask(app, "HEAD", "/ping")
    assert [line["bytes"] for line in _lines(stream)] == [0]


def test_text_on_a_terminal(app: Starlette) -> None:
    """On a terminal the line is text for a person."""
    for stream in _log_to(Terminal()):
        ask(app, "POST", "/predict", b"{}", JSON | {"x-request-id": "r1"})
        [line] = stream.getvalue().splitlines()
        assert " request method=POST route=/predict status=422 " in line
        assert " request_id=r1 " in line
        assert line.endswith("faults=absent:18")
