from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from augury.model import Model
from augury.service.app import create_app
from augury.service.exchange import CLIENT_GONE
from augury.service.problems import Refusal
from augury.service.records.ndjson import Lines, LineTooLong
from augury.service.settings import Settings
from tests.service.asking import Answer, ask
from tests.service.conversing import Caller, converse
from tests.service.models import answer_at_once

NDJSON = {"content-type": "application/x-ndjson"}
REFUSED = b"{}"


def _stream(app: Starlette, body: bytes | Sequence[bytes], path: str = "/predict", *, query: str = "") -> Answer:
    answer = ask(app, "POST", path, body, NDJSON, query=query)
    assert (answer.status, answer.header("content-type")) == (200, "application/x-ndjson")
    assert answer.body == b"" or answer.body.endswith(b"\n")
    return answer


def _read(answer: Answer) -> list[Any]:
    return [json.loads(line) for line in answer.body.splitlines()]


def _codes(line: dict[str, Any]) -> list[str]:
    return [fault["code"] for fault in line.get("faults", ())]


# --- lines that are no records


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"x", "malformed"),
        (b'{"tenure":1', "malformed"),
        (b"{} {}", "malformed"),
        (b"{}\r{}", "malformed"),
        (b"\x0b", "malformed"),
        (b"7", "not_an_object"),
        (b"null", "not_an_object"),
        (b"[{}]", "not_an_object"),
        (b"[" * 5000, "too_deep"),
        (b'{"a":"\xff"}', "encoding"),
        (b"\xc3", "encoding"),
        (b"\xef\xbb\xbf{}", "encoding"),
        ("{}".encode("utf-16-le"), "malformed"),
    ],
)
def test_a_line_that_is_no_record_harms_no_other(
    app: Starlette, model: Model, body: bytes, line: bytes, code: str
) -> None:
    """A line that cannot be read is answered with its fault, in its place, and the lines around it as ever."""
    before, refused, after = _stream(app, b"\n".join([body, line, body])).body.splitlines()
    assert before == after == answer_at_once(model, body)
    assert _codes(json.loads(refused)) == [code]


def test_a_byte_order_mark_refuses_the_first_line(app: Starlette, body: bytes) -> None:
    """A byte order mark refuses the line that it begins, as it does a record that is sent alone."""
    first, second = _read(_stream(app, b"\xef\xbb\xbf" + body + b"\n" + body))
    assert _codes(first) == ["encoding"]
    assert "churn" in second


@pytest.mark.parametrize(("size", "accepted"), [(999, True), (1000, True), (1001, False), (1_000_000, False)])
@pytest.mark.parametrize("cut", [1_000_001, 400])
def test_the_limit_of_a_line(model: Model, body: bytes, size: int, accepted: bool, cut: int) -> None:
    """A line beyond the limit is answered with a fault that says so, and the next one as ever."""
    app = create_app([model], settings=Settings(max_record=1000))
    sent = body + b" " * (size - len(body)) + b"\n" + body + b"\n"
    first, second = _read(_stream(app, [sent[start : start + cut] for start in range(0, len(sent), cut)]))
    assert ("churn" in first, "churn" in second) == (accepted, True)
    if not accepted:
        assert _codes(first) == ["malformed"]
        assert "1,000 bytes" in first["faults"][0]["detail"]


@pytest.mark.parametrize(
    "content_type", ["application/x-ndjson; charset=latin-1", "application/x-ndjsonx", "text/plain", "ndjson"]
)
def test_other_types_are_refused(app: Starlette, body: bytes, content_type: str) -> None:
    """What only resembles the type is refused, with what is taken."""
    answer = ask(app, "POST", "/predict", body, {"content-type": content_type})
    assert (answer.status, answer.header("accept")) == (415, "application/json, application/x-ndjson")


def test_a_compressed_stream_is_refused(app: Starlette, body: bytes) -> None:
    """Compressed lines are refused before any is read."""
    assert ask(app, "POST", "/predict", body, NDJSON | {"content-encoding": "gzip"}).status == 415


def test_a_stream_for_a_model_that_is_not_there(app: Starlette, body: bytes) -> None:
    """What is refused before the first line is a problem with its status."""
    assert ask(app, "POST", "/models/nobody/predict", body, NDJSON).status == 404
    assert ask(app, "POST", "/predict", body, NDJSON, query="explain=perhaps").status == 400


# --- lines that are


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-ndjson",
        "Application/X-NDJSON; charset=UTF-8",
        "application/ndjson",
        "application/jsonl",
        "application/jsonlines",
        "application/x-jsonlines",
    ],
)
def test_the_names_of_lines(app: Starlette, model: Model, body: bytes, content_type: str) -> None:
    """Lines are taken by every name in use and answered by the specification's."""
    answer = ask(app, "POST", "/predict", body + b"\n", {"content-type": content_type})
    assert (answer.status, answer.header("content-type")) == (200, "application/x-ndjson")
    assert answer.body == answer_at_once(model, body) + b"\n"


def test_lines_are_answered_as_an_array_is(app: Starlette, body: bytes, record: dict[str, Any]) -> None:
    """Each line is answered with the very element that an array of the same records gets."""
    noted = json.dumps(record | {"loyalty": 1, "tenure": 80}).encode()
    rows = [body, REFUSED, noted, b"7", body]
    array = ask(app, "POST", "/predict", b"[" + b",".join(rows) + b"]")
    stream = _stream(app, b"\n".join(rows))
    assert b"[" + b",".join(stream.body.splitlines()) + b"]" == array.body
    assert array.header("augury-refused") == "2"
    assert (stream.header("augury-refused"), stream.header("augury-notes")) == (None, None)


@pytest.mark.parametrize(
    ("path", "query"), [("/explain", ""), ("/models/churn/explain", ""), ("/predict", "explain=true")]
)
def test_lines_with_reasons(app: Starlette, model: Model, body: bytes, path: str, query: str) -> None:
    """Each line gets its reasons where they are asked for."""
    alone = model.write_answer(model.predict_json(body, explain=True))
    assert _stream(app, body + b"\n" + body, path, query=query).body.splitlines() == [alone, alone]


@pytest.mark.parametrize("body", [b"", b"\n", b" \t\r\n\r\n  "])
def test_no_lines(app: Starlette, body: bytes) -> None:
    """A body without a record gets an answer without a line."""
    assert _stream(app, body).body == b""


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\n \t\r\n"])
@pytest.mark.parametrize("is_last_ended", [False, True])
def test_ends_of_lines(app: Starlette, model: Model, body: bytes, end: bytes, is_last_ended: bool) -> None:
    """CRLF ends a line too, empty lines are no records, and the last line needs no end."""
    answer = _stream(app, body + end + body + (end if is_last_ended else b""))
    assert answer.body.splitlines() == [answer_at_once(model, body)] * 2


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_pieces_of_any_size(app: Starlette, body: bytes, size: int) -> None:
    """Where the pieces of a body are cut changes no answer."""
    sent = b"\r\n".join([body, REFUSED, body, b"", body])
    pieces = [sent[start : start + size] for start in range(0, len(sent), size)]
    assert _stream(app, pieces).body == _stream(app, sent).body


@given(st.lists(st.binary(max_size=6), max_size=20), st.integers(1, 12))
def test_lines_are_cut_as_a_whole_body_would_be(pieces: list[bytes], limit: int) -> None:
    """Cut piece by piece, a body gives the lines that it has as a whole, those beyond the limit by their mark."""
    sent = [piece.replace(b"\x01", b"\n") for piece in pieces]
    lines = Lines(limit)
    found = [line for piece in sent for line in lines.cut(piece)] + list(lines.finish())
    whole = [LineTooLong(limit) if len(line) > limit else line for line in b"".join(sent).split(b"\n")]
    assert found == [line for line in whole if isinstance(line, LineTooLong) or line.strip(b" \t\r")]


def test_what_is_kept_of_a_line_is_bounded() -> None:
    """A line without an end is not kept beyond the limit."""
    lines = Lines(1000)
    for _ in range(100):
        assert list(lines.cut(b"x" * 300)) == []
        assert len(lines._begun) <= 1000
    assert list(lines.cut(b"\n{}\n")) == [LineTooLong(1000), b"{}"]


# --- as it comes and goes


def test_each_line_is_answered_when_it_comes(app: Starlette, model: Model, body: bytes) -> None:
    """A caller who sends one line and waits has its answer, whether or not another one ever comes."""

    async def conversation(caller: Caller) -> None:
        for number in range(1, 4):
            await caller.write(body[50:] if number > 1 else body)
            assert caller.body.count(b"\n") == number - 1
            await caller.write(b"\n" + body[:50])
            assert caller.body == (answer_at_once(model, body) + b"\n") * number
        await caller.write(body[50:])
        await caller.say({"type": "http.request", "body": b"", "more_body": False})

    caller = converse(app, conversation)
    assert (caller.body.count(b"\n"), caller.is_complete) == (4, True)


def test_a_caller_who_goes_ends_the_work(app: Starlette, body: bytes) -> None:
    """A caller who goes away in the middle ends the answer without its end, and is logged as gone."""

    async def conversation(caller: Caller) -> None:
        await caller.write(body + b"\n" + body)
        await caller.say({"type": "http.disconnect"})

    caller = converse(app, conversation)
    assert (caller.body.count(b"\n"), caller.is_complete) == (1, False)
    assert caller.exchange is not None
    assert (caller.exchange.status, caller.exchange.rows) == (CLIENT_GONE, 1)


def test_a_stream_that_breaks_before_its_first_answer(app: Starlette, body: bytes) -> None:
    """What ends a request before anything was answered is a problem with its own status."""

    async def conversation(caller: Caller) -> None:
        await caller.write(body)
        await caller.say(Refusal("too-large", "it does not end"))

    caller = converse(app, conversation)
    assert caller.answered[0]["status"] == 413
    assert json.loads(caller.body)["detail"] == "it does not end"


def test_a_stream_that_breaks_after_its_first_answer(
    app: Starlette, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """What ends a request half-way cuts the answer off, says so by its status in the log, and is no failure of ours."""

    async def conversation(caller: Caller) -> None:
        await caller.write(body + b"\n")
        await caller.say(Refusal("too-large", "it does not end"))

    caller = converse(app, conversation)
    assert (caller.answered[0]["status"], caller.body.count(b"\n"), caller.is_complete) == (200, 1, False)
    assert caller.exchange is not None
    assert caller.exchange.status == 413
    assert [entry for entry in caplog.records if entry.levelname == "ERROR"] == []


def test_a_failure_half_way_cuts_the_answer(model: Model, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours half-way leaves the answer without its end: the server closes the connection."""
    app = create_app([model], settings=Settings())

    def fail(*_args: object, **_named: object) -> None:
        raise MemoryError

    async def conversation(caller: Caller) -> None:
        await caller.write(body + b"\n")
        monkeypatch.setattr(model, "predict_json", fail)
        await caller.write(REFUSED + b"\n")

        with pytest.raises(MemoryError):
            await caller.end()

    caller = converse(app, conversation)
    assert (caller.body.count(b"\n"), caller.is_complete) == (1, False)


def test_a_caller_who_does_not_read_is_not_answered_further(app: Starlette, body: bytes) -> None:
    """While a caller does not read, no more of what it sends is taken, so that nothing piles up."""

    async def conversation(caller: Caller) -> None:
        caller.may_send.clear()
        for _ in range(50):
            await caller.say({"type": "http.request", "body": body + b"\n", "more_body": True})
        assert caller.count_unread() == 49
        caller.may_send.set()
        await caller.say({"type": "http.request", "body": b"", "more_body": False})

    assert converse(app, conversation).body.count(b"\n") == 50


def test_what_is_answered_at_once_is_bounded(app: Starlette) -> None:
    """Refusals are longer than what they refuse, so they are sent as they are made, not once a piece is done."""

    async def conversation(caller: Caller) -> None:
        await caller.say({"type": "http.request", "body": b"{}\n" * 5_000, "more_body": False})

    caller = converse(app, conversation)
    assert caller.body.count(b"\n") == 5_000
    assert len(caller.body) > 5_000_000
    assert max(len(message["body"]) for message in caller.answered[1:]) < 128 * 1024


def test_others_get_their_turn(app: Starlette, body: bytes) -> None:
    """Another request waits for a hundred lines at most, not for all that arrived at once."""

    async def conversation(caller: Caller) -> None:
        caller.put({"type": "http.request", "body": (body + b"\n") * 1000, "more_body": False})
        seen = []
        while not caller.is_complete:
            await asyncio.sleep(0)
            seen.append(caller.body.count(b"\n"))
        steps = [after - before for before, after in pairwise(seen)]
        assert max(steps) <= 100

    assert converse(app, conversation).body.count(b"\n") == 1000


def test_what_is_counted_of_a_stream(app: Starlette, body: bytes, record: dict[str, Any]) -> None:
    """The rows, the faults and the notes of a stream are counted for the log, since its head knows none of them."""
    noted = json.dumps(record | {"loyalty": 1}).encode()

    async def conversation(caller: Caller) -> None:
        await caller.say({"type": "http.request", "body": b"\n".join([body, b"7", noted, b""]), "more_body": False})

    exchange = converse(app, conversation).exchange
    assert exchange is not None
    assert (exchange.rows, exchange.faults, exchange.notes) == (3, {"not_an_object": 1}, {"unknown_key": 1})

    async def say_nothing(caller: Caller) -> None:
        await caller.say({"type": "http.request", "body": b"\n", "more_body": False})

    exchange = converse(app, say_nothing).exchange
    assert exchange is not None
    assert exchange.rows == 0
