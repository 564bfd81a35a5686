from __future__ import annotations

import json
import tracemalloc
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.applications import Starlette

from augury.model import Model
from augury.service.app import build_app, create_app
from augury.service.drain import Drain
from augury.service.meter import NoMeter
from augury.service.models import Roster, gather_models
from augury.service.service import Service
from augury.service.settings import Settings
from tests.service.asking import JSON, Answer, ask
from tests.service.models import answer_at_once

SHAPES = ("dataframe_records", "dataframe_split", "instances", "inputs", "columns")


def _shape(shape: str, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Records as one of the members that a body may have; ``columns`` is the other form of ``inputs``."""
    keys = list(records[0]) if records else []
    if shape == "dataframe_split":
        return {shape: {"columns": keys, "data": [list(record.values()) for record in records]}}
    if shape == "columns":
        return {"inputs": {key: [record[key] for record in records] for key in keys}}
    return {shape: list(records)}


def _invoke(app: Starlette, body: object) -> Answer:
    return ask(app, "POST", "/invocations", body if isinstance(body, bytes) else json.dumps(body).encode())


def _faults(answer: Answer) -> list[tuple[str, str]]:
    return [(fault.code, fault.pointer) for fault in answer.faults()]


# --- bodies that are none


@pytest.mark.parametrize(
    ("body", "status", "faults"),
    [
        (b"", 400, [("malformed", "")]),
        (b"x", 400, [("malformed", "")]),
        (b'{"instances":[', 400, [("malformed", "")]),
        (b'{"instances":[{]}', 400, [("malformed", "")]),
        (b'{"instances":[]}{}', 400, [("malformed", "")]),
        (b'\xef\xbb\xbf{"instances":[]}', 400, [("encoding", "")]),
        (b'{"inst\xffances":[]}', 400, [("encoding", "")]),
        (b'{"inputs":{"a\xff":[1]}}', 400, [("encoding", "")]),
        (b'{"instances":' + b"[" * 5000 + b"]" * 5000 + b"}", 400, [("too_deep", "")]),
        (b"[]", 422, [("not_an_object", "")]),
        (b"[" * 5000, 422, [("not_an_object", "")]),
        (b"7", 422, [("not_an_object", "")]),
        (b'"instances"', 422, [("not_an_object", "")]),
        (b"{}", 422, [("absent", "")]),
        (b'{"params":{}}', 422, [("absent", "")]),
        (b'{"instances":[],"inputs":[]}', 422, [("ambiguous_key", "")]),
        (b'{"instances":[],"instances":[]}', 422, [("duplicate_key", "/instances")]),
        (b'{"instances":[],"\\u0069nstances":[]}', 422, [("duplicate_key", "")]),
        (b'{"instances":[],"signature_name":"x"}', 422, [("unknown_key", "/signature_name")]),
        (b'{"instances":[],"a:b":1,"a/b":2}', 422, [("unknown_key", "/a:b"), ("unknown_key", "/a~1b")]),
        (b'{"records":[]}', 422, [("unknown_key", "/records")]),
        (b'{"instances":{}}', 422, [("type", "/instances")]),
        (b'{"instances":7}', 422, [("type", "/instances")]),
        (b'{"instances":null}', 422, [("type", "/instances")]),
        (b'{"dataframe_records":{"a":[1]}}', 422, [("type", "/dataframe_records")]),
        (b'{"inputs":"x"}', 422, [("type", "/inputs")]),
        (b'{"inputs":{"a":1}}', 422, [("type", "/inputs/a")]),
        (b'{"inputs":{"a":[1],"b":[1,2]}}', 422, [("type", "/inputs/b")]),
        (b'{"inputs":{"a":[1],"a":[2]}}', 422, [("duplicate_key", "/inputs")]),
        (b'{"inputs":{"a\\u003ab":[1],"a":[1],"a":[2]}}', 422, [("duplicate_key", "/inputs")]),
        (b'{"dataframe_split":[]}', 422, [("type", "/dataframe_split")]),
        (b'{"dataframe_split":1}', 422, [("type", "/dataframe_split")]),
        (
            b'{"dataframe_split":{}}',
            422,
            [("absent", "/dataframe_split/columns"), ("absent", "/dataframe_split/data")],
        ),
        (b'{"dataframe_split":{"columns":[]}}', 422, [("absent", "/dataframe_split/data")]),
        (b'{"dataframe_split":{"columns":[],"data":[],"x":1}}', 422, [("unknown_key", "/dataframe_split/x")]),
        (
            b'{"dataframe_split":{"columns":[],"data":[[1]],"data":[]}}',
            422,
            [("duplicate_key", "/dataframe_split/data")],
        ),
        (b'{"dataframe_split":{"columns":[0],"data":[]}}', 422, [("type", "/dataframe_split/columns")]),
        (b'{"dataframe_split":{"columns":["\xff"],"data":[]}}', 422, [("type", "/dataframe_split/columns")]),
        (b'{"dataframe_split":{"columns":"a","data":[]}}', 422, [("type", "/dataframe_split/columns")]),
        (
            b'{"dataframe_split":{"columns":["a","b","a"],"data":[]}}',
            422,
            [("duplicate_key", "/dataframe_split/columns/2")],
        ),
        (b'{"dataframe_split":{"columns":["a"],"data":{}}}', 422, [("type", "/dataframe_split/data")]),
        (b'{"dataframe_split":{"columns":["a"],"data":[[1,2]]}}', 422, [("type", "/dataframe_split/data/0")]),
        (b'{"dataframe_split":{"columns":["a"],"data":[{"a":1}]}}', 422, [("type", "/dataframe_split/data/0")]),
        (b'{"instances":[],"params":{"temperature":1}}', 422, [("unknown_key", "/params/temperature")]),
        (b'{"instances":[],"params":[]}', 422, [("type", "/params")]),
        (b'{"instances":[],"params":{"explain":1}}', 422, [("type", "/params/explain")]),
        (b'{"instances":[],"params":{"explain":true,"explain":false}}', 422, [("duplicate_key", "/params/explain")]),
        (b'{"instances":[7]}', 422, [("not_an_object", "/instances/0")]),
        (b'{"instances":[[1,2]]}', 422, [("not_an_object", "/instances/0")]),
        (b'{"instances":[{"a":"\xff"}]}', 400, [("encoding", "/instances/0")]),
    ],
)
def test_a_body_that_is_no_invocation(app: Starlette, body: bytes, status: int, faults: list[tuple[str, str]]) -> None:
    """What is no such body is refused as a whole, and each fault points to where it stands."""
    answer = _invoke(app, body)
    assert (answer.status, _faults(answer)) == (status, faults)


def test_lines_are_not_taken(app: Starlette) -> None:
    """Only JSON is taken, and the refusal says so."""
    answer = ask(app, "POST", "/invocations", b"{}", {"content-type": "application/x-ndjson"})
    assert (answer.status, answer.header("accept")) == (415, "application/json")


# --- records that are refused


@pytest.mark.parametrize(
    ("shape", "place", "absent"),
    [
        ("dataframe_records", "/dataframe_records/1/tenure", "/dataframe_records/0/tenure"),
        ("dataframe_split", "/dataframe_split/data/1/{column}", "/dataframe_split/columns"),
        ("instances", "/instances/1/tenure", "/instances/0/tenure"),
        ("inputs", "/inputs/1/tenure", "/inputs/0/tenure"),
        ("columns", "/inputs/tenure/1", "/inputs/tenure"),
    ],
)
def test_where_a_fault_stands(app: Starlette, record: dict[str, Any], shape: str, place: str, absent: str) -> None:
    """One refused record refuses the whole, since the answers have no place for it; its fault points into the body."""
    column = list(record).index("tenure")
    answer = _invoke(app, _shape(shape, [record, record | {"tenure": "many"}]))
    assert (answer.status, _faults(answer)) == (422, [("type", place.format(column=column))])
    without = {key: value for key, value in record.items() if key != "tenure"}
    answer = _invoke(app, _shape(shape, [without]))
    assert (answer.status, _faults(answer)) == (422, [("absent", absent)])


def test_a_column_that_is_missing_is_told_once(app: Starlette, record: dict[str, Any]) -> None:
    """A column that is missing is missing in every record, and that is one fault."""
    without = {key: value for key, value in record.items() if key != "tenure"}
    for shape in ("dataframe_split", "columns"):
        assert len(_faults(_invoke(app, _shape(shape, [without] * 100)))) == 1


def test_the_faults_of_many_records(app: Starlette, record: dict[str, Any]) -> None:
    """Twenty faults are listed and the others counted, whichever records they are of."""
    answer = _invoke(app, _shape("instances", [record | {"tenure": "many", "partner": 1}] * 150))
    assert (len(answer.faults()), answer.json()["more"]) == (20, 280)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("NaN", "null"),
        ("Infinity", "not_finite"),
        ("-Infinity", "not_finite"),
        ("1e400", "not_finite"),
        ("1" * 400, "not_finite"),
    ],
)
@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_that_are_none(app: Starlette, record: dict[str, Any], shape: str, number: str, code: str) -> None:
    """NaN is null, as in the frame that MLflow's client writes; infinity is refused; texts of these names are texts."""
    body = json.dumps(_shape(shape, [record | {"tenure": "@", "customerid": 'a "NaN\\'}])).replace('"@"', number)
    [fault] = _invoke(app, body.encode()).faults()
    assert (fault.code, fault.field) == (code, "tenure")


@pytest.mark.parametrize(
    "body", [b'{"instances":[Na]}', b'{"instances":[nan]}', b'{"instances":["NaN]}', b"NaN" * 300_000]
)
def test_what_only_resembles_a_strange_number(app: Starlette, body: bytes) -> None:
    """Other words are no JSON, nor is a text that is not closed."""
    assert _faults(_invoke(app, body)) == [("malformed", "")]


class _CountScores(NoMeter):
    """Counts scores alone."""

    def __init__(self) -> None:
        self.scores: list[float] = []

    def count_score(self, model: object, probability: float) -> None:  # noqa: ARG002 - the meter's signature
        """Count one."""
        self.scores.append(probability)


def test_what_is_refused_is_not_counted_as_answered(record: dict[str, Any], model: Model) -> None:
    """The scores of records whose answers nobody gets are not counted."""
    meter = _CountScores()
    app = build_app(Service(Roster(gather_models([model])), Settings(), Drain(), meter))
    assert _invoke(app, _shape("instances", [record, record | {"tenure": "many"}])).status == 422
    assert meter.scores == []
    assert _invoke(app, _shape("instances", [record, record])).status == 200
    assert len(meter.scores) == 2


# --- records that are answered


@pytest.mark.parametrize("shape", SHAPES)
def test_the_answers_of_an_invocation(app: Starlette, record: dict[str, Any], shape: str) -> None:
    """Whatever the shape, each record is answered as it is alone, in order, under ``predictions``."""
    records = [record, record | {"tenure": 1}, record | {"tenure": 80}]
    answer = _invoke(app, _shape(shape, records))
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    alone = [ask(app, "POST", "/predict", json.dumps(each).encode()).json() for each in records]
    assert answer.json() == {"predictions": alone}
    assert [note["code"] for note in answer.json()["predictions"][2]["notes"]] == ["range"]


@pytest.mark.parametrize("number", ["79.85", "2e1", "20.000000000000000000001", "4.35E+1", "79.850000000000001"])
@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_are_the_callers_own(app: Starlette, record: dict[str, Any], shape: str, number: str) -> None:
    """A number gets the very probability that it gets in a record alone, however it is spelt."""
    written = json.dumps(record | {"monthlycharges": "@"}).replace('"@"', number)
    body = json.dumps(_shape(shape, [record | {"monthlycharges": "@"}])).replace('"@"', number)
    answer, alone = _invoke(app, body.encode()), ask(app, "POST", "/predict", written.encode())
    assert answer.body == b'{"predictions":[' + alone.body + b"]}"


@pytest.mark.parametrize(
    "body",
    [
        {"instances": []},
        {"dataframe_records": []},
        {"inputs": []},
        {"inputs": {}},
        {"inputs": {"tenure": []}},
        {"dataframe_split": {"columns": ["tenure"], "data": []}},
    ],
)
def test_no_records(app: Starlette, body: object) -> None:
    """No record gets no prediction."""
    assert _invoke(app, body).body == b'{"predictions":[]}'


def test_spaces_and_what_pandas_adds(app: Starlette, model: Model, record: dict[str, Any], body: bytes) -> None:
    """Spaces, the order of members, an index and empty parameters change nothing."""
    split = {"index": [7], **_shape("dataframe_split", [record])["dataframe_split"]}
    text = json.dumps({"params": {}, "dataframe_split": split}, indent=3)
    expected = b'{"predictions":[' + answer_at_once(model, body) + b"]}"
    assert _invoke(app, b"\r\n\t" + text.encode() + b"\n").body == expected
    assert _invoke(app, {"params": None, "dataframe_split": split}).body == expected


def test_reasons(app: Starlette, model: Model, body: bytes) -> None:
    """The one parameter that there is asks for reasons."""
    answer = _invoke(app, b'{"instances":[' + body + b'],"params":{"explain":true}}')
    alone = model.write_answer(model.predict_json(body, explain=True))
    assert answer.body == b'{"predictions":[' + alone + b"]}"


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        ("instances", "/instances/1/loy~1alty:"),
        ("columns", "/inputs/loy~1alty:/1"),
        ("dataframe_split", "/dataframe_split/data/1/{last}"),
    ],
)
def test_where_a_note_stands(app: Starlette, record: dict[str, Any], shape: str, place: str) -> None:
    """A note's place in the header points into the body, and colons in a key harm nothing."""
    answer = _invoke(app, _shape(shape, [record | {"loy/alty:": 1}] * 2))
    assert answer.status == 200
    last = place.format(last=len(record)).replace(":", "%3A")
    assert f'unknown_key;at="{last}"' in (answer.header("augury-notes") or "")


# --- limits


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("count", "status"), [(9, 200), (10, 200), (11, 413)])
def test_the_limit_of_records(model: Model, record: dict[str, Any], shape: str, count: int, status: int) -> None:
    """There may be as many records as in an array."""
    app = create_app([model], settings=Settings(max_rows=10))
    assert _invoke(app, _shape(shape, [record] * count)).status == status


@pytest.mark.parametrize(("size", "status"), [(2999, 200), (3000, 200), (3001, 413)])
def test_the_limit_of_a_body(model: Model, body: bytes, size: int, status: int) -> None:
    """A body may be as large as an array, not only as one record."""
    app = create_app([model], settings=Settings(max_body=3000, max_record=1000))
    sent = b'{"instances":[' + body + b"]}"
    assert _invoke(app, sent + b" " * (size - len(sent))).status == status
    assert ask(app, "POST", "/invocations", [sent, b" " * (size - len(sent))], JSON).status == status


@pytest.mark.parametrize("shape", ["columns", "dataframe_split"])
def test_a_name_that_every_record_would_repeat(app: Starlette, shape: str) -> None:
    """Columns are no way to send records that would be too large as objects: a long name is not repeated for each."""
    answer = _invoke(app, _shape(shape, [{"x" * 100_000: 1}] * 1000))
    assert answer.status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"{" + b'"":0,' * 3_300_000 + b'"":0}',
        b'{"inputs":{' + b'"":0,' * 3_300_000 + b'"":0}}',
        b'{"inputs":{"a":[' + b"1," * 8_000_000 + b"1]}}",
        b'{"instances":[' + b"[]," * 5_000_000 + b"[]]}",
        b'{"dataframe_split":{"columns":[' + b'"",' * 5_000_000 + b'""],"data":[]}}',
        b'{"dataframe_split":{"columns":["a"],"data":[[' + b"1," * 8_000_000 + b"1]]}}",
    ],
    ids=["members", "columns", "cells", "records", "names", "row"],
)
def test_a_body_of_very_many_things(app: Starlette, body: bytes) -> None:
    """Sixteen megabytes of tiny things are refused without an object for each of them."""
    tracemalloc.start()
    answer = ask(app, "POST", "/invocations", body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status in {413, 422}
    assert peak < 8 * len(body)
