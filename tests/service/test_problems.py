from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from starlette.applications import Starlette

from augury.contract.check import Suggestions
from augury.contract.faults import CODES
from augury.model import Model
from augury.prediction import Prediction
from augury.service.app import create_app
from augury.service.log.format import LineFormatter, write_json, write_text
from augury.service.problems import KINDS, STATUS_BY_CODE
from augury.service.settings import Settings
from tests.service.asking import JSON, ask

SMALL = Settings(max_body=4000, max_record=1000, max_rows=3)


class Broken:
    """A model that fails when it is asked."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        """Be that model in all else."""
        return getattr(self._model, name)

    def answer_fast(self, body: bytes) -> tuple[bytes, float] | None:
        """Leave it to the slow path."""

    def predict_json(self, body: bytes, *, explain: bool = False, suggestions: Suggestions | None = None) -> Prediction:
        """Fail with a sentence that holds what no caller should see."""
        raise RuntimeError(f"{body.decode()} {explain} {suggestions}")


def test_every_code_has_a_status() -> None:
    """The table of statuses knows every code, and 400 is for bodies that cannot be read."""
    assert set(STATUS_BY_CODE) == set(CODES)
    assert {code for code, status in STATUS_BY_CODE.items() if status == 400} == {"malformed", "encoding", "too_deep"}
    assert set(STATUS_BY_CODE.values()) == {400, 422}


def test_all_faults_at_once(app: Starlette, record: dict[str, Any]) -> None:
    """A refused record gets every fault, each with code, pointer and sentence, in one problem document."""
    del record["gender"]
    body = json.dumps(record | {"tenure": "12", "monthlycharges": -999, "partner": "yess", "Gendre": "male"}).encode()
    answer = ask(app, "POST", "/predict", body, JSON | {"x-request-id": "r1"})
    problem = answer.json()
    faults = problem.pop("faults")
    assert (answer.status, answer.header("content-type")) == (422, "application/problem+json")
    assert problem == {
        "type": "urn:augury:problem:record-refused",
        "title": "The record is refused",
        "status": 422,
        "detail": f"{faults[0]['detail']} (and 3 more: see faults)",
        "instance": "urn:augury:request:r1",
    }
    assert {(fault["code"], fault["pointer"]) for fault in faults} == {
        ("absent", "/gender"),
        ("type", "/tenure"),
        ("range", "/monthlycharges"),
        ("level", "/partner"),
    }
    nearest = {fault["pointer"]: fault.get("nearest") for fault in faults}
    assert (nearest["/gender"], nearest["/partner"]) == ("Gendre", "yes")


def test_more_faults_than_are_listed(app: Starlette) -> None:
    """Twenty faults are listed and the rest are counted."""
    body = json.dumps({f"key\x01{index}": 1 for index in range(25)}).encode()
    problem = ask(app, "POST", "/predict", body).json()
    assert len(problem["faults"]) == 20
    assert problem["more"] == 25 + 18 - 20


@pytest.mark.parametrize(
    ("body", "code"), [(b"", "malformed"), (b"{", "malformed"), (b"\xff", "encoding"), (b"[" * 99, "too_deep")]
)
def test_a_body_that_cannot_be_read(app: Starlette, body: bytes, code: str) -> None:
    """A body that is no JSON text is a bad request with its one fault."""
    answer = ask(app, "POST", "/predict", body)
    assert (answer.status, [fault.code for fault in answer.faults()]) == (400, [code])
    assert answer.json()["title"] == "The body cannot be read"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
def test_json_is_taken(app: Starlette, body: bytes, content_type: str) -> None:
    """JSON in UTF-8 is taken however it is spelt."""
    assert ask(app, "POST", "/predict", body, {"content-type": content_type}).status == 200


def test_a_missing_type_is_taken(app: Starlette, body: bytes) -> None:
    """A body that is not said to be anything is read as JSON."""
    assert ask(app, "POST", "/predict", body, {}).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "application/jsonp",
        "application/json, text/plain",
        "application/json; charset=utf-8; charset=utf-16",
    ],
)
def test_another_type_is_refused(app: Starlette, body: bytes, content_type: str) -> None:
    """Any other type is refused with those that are taken."""
    answer = ask(app, "POST", "/predict", body, {"content-type": content_type})
    assert (answer.status, answer.header("accept")) == (415, "application/json, application/x-ndjson")
    assert answer.json()["type"] == "urn:augury:problem:unsupported-media-type"


def test_two_types_are_refused(app: Starlette, body: bytes) -> None:
    """Of two content types none is believed."""
    twice = [(b"content-type", b"application/json")] * 2
    assert ask(app, "POST", "/predict", body, twice).status == 415


def test_a_compressed_body_is_refused(app: Starlette, body: bytes) -> None:
    """A compressed body is refused; identity is no compression."""
    answer = ask(app, "POST", "/predict", body, JSON | {"content-encoding": "gzip"})
    assert (answer.status, answer.header("accept-encoding")) == (415, "identity")
    assert ask(app, "POST", "/predict", body, JSON | {"content-encoding": "identity"}).status == 200


@pytest.mark.parametrize(
    ("codings", "status"),
    [([b"identity", b"gzip"], 415), ([b"gzip", b"identity"], 415), ([b"identity, gzip"], 415), ([b""], 200)],
)
@pytest.mark.parametrize("path", ["/predict", "/explain"])
def test_codings_are_one_list(app: Starlette, body: bytes, path: str, codings: list[bytes], status: int) -> None:
    """Every line of Content-Encoding is read, not the first alone; an empty list names no coding."""
    headers = [(b"content-type", b"application/json"), *((b"content-encoding", coding) for coding in codings)]
    assert ask(app, "POST", path, body, headers).status == status


@pytest.mark.parametrize(("size", "status"), [(999, 200), (1000, 200), (1001, 413)])
@pytest.mark.parametrize("in_pieces", [False, True])
def test_the_limit_of_a_record(model: Model, body: bytes, size: int, status: int, in_pieces: bool) -> None:
    """A record may be as large as the limit and no larger, whether its length is declared or not."""
    app = create_app([model], settings=SMALL)
    padded = b" " * (size - len(body)) + body
    assert len(padded) == size
    pieces = [padded[:100], padded[100:]] if in_pieces else padded
    answer = ask(app, "POST", "/predict", pieces)
    assert answer.status == status
    if status == 413:
        assert answer.json()["detail"] == "the body is larger than 1,000 bytes; send less at once"


@pytest.mark.parametrize(("size", "status"), [(3999, 200), (4000, 200), (4001, 413)])
@pytest.mark.parametrize("in_pieces", [False, True])
def test_the_limit_of_an_array(model: Model, body: bytes, size: int, status: int, in_pieces: bool) -> None:
    """An array may be as large as the limit of any body and no larger."""
    app = create_app([model], settings=SMALL)
    padded = b" " * (size - len(body) - 2) + b"[" + body + b"]"
    pieces = [padded[:100], padded[100:]] if in_pieces else padded
    assert ask(app, "POST", "/predict", pieces).status == status


def test_a_declared_length_is_refused_unread(model: Model) -> None:
    """A body that says it is too large is refused before a byte of it is read."""
    app = create_app([model], settings=SMALL)
    assert ask(app, "POST", "/predict", [b"{}"], JSON | {"content-length": "4001"}).status == 413


def test_a_body_that_does_not_end_is_not_kept(model: Model) -> None:
    """A body without an end is refused at the limit, with the rest of it unread."""
    app = create_app([model], settings=SMALL)
    pieces = [b"[" + b" " * 999] + [b" " * 1000] * 3 + [b" "] + [b"unread"] * 5
    answer = ask(app, "POST", "/predict", pieces)
    assert answer.status == 413


@pytest.mark.parametrize(("rows", "status"), [(2, 200), (3, 200), (4, 413)])
def test_the_limit_of_rows(model: Model, rows: int, status: int) -> None:
    """An array may hold as many records as the limit and no more."""
    app = create_app([model], settings=SMALL)
    assert ask(app, "POST", "/predict", b"[" + b",".join([b"{}"] * rows) + b"]").status == status


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
def test_the_limit_of_a_row(model: Model, size: int, status: int) -> None:
    """A record in an array may be as large as one alone and no larger."""
    app = create_app([model], settings=SMALL)
    row = b'{"a":"' + b"x" * (size - 8) + b'"}'
    assert len(row) == size
    assert ask(app, "POST", "/predict", b"[" + row + b"]").status == status


def test_a_failure_of_ours(model: Model, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected failure is a problem that says nothing; under its id the log has where it was, not what it said."""
    app = create_app([Broken(model)], settings=Settings())  # type: ignore[list-item]
    with caplog.at_level(logging.ERROR, "augury.service"):
        answer = ask(app, "POST", "/predict", body, JSON | {"x-request-id": "r2"})
    assert (answer.status, answer.header("content-type")) == (500, "application/problem+json")
    assert answer.json()["instance"] == "urn:augury:request:r2"
    assert answer.header("x-request-id") == "r2"
    assert not [word for word in (b"Runtime", b"Traceback", b"gender") if word in answer.body]
    [logged] = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    told = vars(logged)["augury_members"]
    assert (told["request_id"], told["error"]) == ("r2", "builtins.RuntimeError")
    assert "predict_json" in told["traceback"]
    for write in (write_json, write_text):
        line = LineFormatter(write).format(logged)
        assert "predict_json" in line
        assert "gender" not in line


def test_every_problem_has_a_status_and_a_title() -> None:
    """The kinds of problems have the statuses that HTTP gives them."""
    statuses = {kind: status for kind, (status, _) in KINDS.items()}
    assert set(statuses.values()) <= {*range(400, 432), 500, 501, 503, 505}
    assert {kind for kind, status in statuses.items() if status >= 500} == {
        "internal",
        "draining",
        "overloaded",
        "not-implemented",
        "version-not-supported",
    }
    assert [statuses[kind] for kind in ("not-found", "unauthorized", "misdirected", "too-large")] == [
        404,
        401,
        421,
        413,
    ]
    assert all(title for _, title in KINDS.values())
