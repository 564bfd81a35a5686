"""What the blueprint answers, held beside what the service answers to the same request."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import flask
import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from augury.contract.faults import DOUBTFUL, Fault
from augury.errors import ArtifactError, UsageError
from augury.flask import make_blueprint
from augury.model import Model
from augury.prediction import Scorer
from augury.service.app import create_app
from augury.service.gate.keys import ApiKey
from augury.service.settings import Settings
from tests.contract.cases import Case, Outcome, find_differences, read_cases
from tests.service.asking import Answer, ask
from tests.service.models import answer_at_once, make_model
from tests.service.test_cases import APP as CASES_APP
from tests.service.test_problems import SMALL, Broken
from tests.unit.artifact.documents import make_artifact, make_record

CASES = read_cases()
MODELS = (make_model(), make_model("strict", unknown_key="refuse"))
RECORD = dict(make_record())
BODY = msgspec.json.encode(RECORD)
JSON = {"Content-Type": "application/json", "X-Request-Id": "same"}


def make_client(*models: Scorer, **options: Any) -> FlaskClient:
    """A client of an application that has nothing but the blueprint."""
    app = flask.Flask("shop")
    app.register_blueprint(make_blueprint(*models, **options))
    return app.test_client()


SERVICE = create_app(MODELS, settings=Settings())
CLIENT = make_client(*MODELS)
CASES_CLIENT = make_client(*CASES_APP.state.service.roster.models.by_name.values())


def ask_flask(client: FlaskClient, method: str, path: str, body: bytes, headers: dict[str, str] = JSON) -> Answer:
    """Ask through Flask, with the answer as the service's tests have it."""
    came = client.open(path, method=method, data=body, headers=headers)
    return Answer(came.status_code, [(name.lower(), value) for name, value in came.headers], came.data)


def ask_service(method: str, path: str, body: bytes, headers: dict[str, str] = JSON) -> Answer:
    """Ask the service the same."""
    path, _, query = path.partition("?")
    answer = ask(SERVICE, method, path, body, headers, query=query)
    # The server beneath the application keeps the body of an answer to HEAD back.
    return msgspec.structs.replace(answer, body=b"") if method == "HEAD" else answer


def differ(left: Answer, right: Answer) -> list[object]:
    """Say in what two answers differ; the order of headers means nothing."""
    return [
        (one, other)
        for one, other in (
            (left.status, right.status),
            (left.body, right.body),
            (sorted(left.headers), sorted(right.headers)),
        )
        if one != other
    ]


ARRAY = b"[" + b",".join([BODY, b"{}", json.dumps(RECORD | {"loyalty": 1, "tenure": 80}).encode(), b"7"]) + b"]"

REQUESTS: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "ping": ("GET", "/ping", b"", {}),
    "HEAD ping": ("HEAD", "/ping", b"", {}),
    "one record": ("POST", "/predict", BODY, {}),
    "a doubtful note": ("POST", "/predict", json.dumps(RECORD | {"tenure": 80}).encode(), {}),
    "an unknown key": ("POST", "/predict", json.dumps(RECORD | {"loyalty": 3}).encode(), {}),
    "reasons": ("POST", "/explain", BODY, {}),
    "reasons by the query": ("POST", "/predict?explain=true", BODY, {}),
    "the last word of the query": ("POST", "/predict?explain=true&explain=false", BODY, {}),
    "a query that says neither": ("POST", "/predict?explain=1", BODY, {}),
    "an empty query": ("POST", "/predict?explain=", BODY, {}),
    "an array": ("POST", "/predict", ARRAY, {}),
    "an array with reasons": ("POST", "/explain", ARRAY, {}),
    "no record": ("POST", "/predict", b"[]", {}),
    "nothing": ("POST", "/predict", b"", {}),
    "no JSON": ("POST", "/predict", b"{", {}),
    "no array": ("POST", "/predict", b"[1,", {}),
    "no UTF-8": ("POST", "/predict", b"\xff", {}),
    "too deep": ("POST", "/predict", b"[" * 99, {}),
    "every fault": ("POST", "/predict", json.dumps({**RECORD, "tenure": "12", "partner": "yess"}).encode(), {}),
    "more faults than are listed": ("POST", "/predict", json.dumps({f"\x01{n}": n for n in range(25)}).encode(), {}),
    "the charset": ("POST", "/predict", BODY, {"Content-Type": 'application/json;charset="UTF-8"'}),
    "compressed": ("POST", "/predict", BODY, {"Content-Encoding": "gzip"}),
    "not compressed": ("POST", "/predict", BODY, {"Content-Encoding": "identity"}),
    "another method": ("GET", "/predict", b"", {}),
    "a method of others": ("DELETE", "/schema", b"", {}),
    "another method of a model": ("PUT", "/models/strict/predict", BODY, {}),
    "the schema": ("GET", "/schema", b"", {}),
    "the models": ("GET", "/models", b"", {}),
    "a model": ("GET", "/models/strict", b"", {}),
    "a model's schema": ("GET", "/models/strict/schema", b"", {}),
    "a model's answer": ("POST", "/models/strict/predict", BODY, {}),
    "a model's refusal": ("POST", "/models/strict/predict", json.dumps(RECORD | {"loyalty": 3}).encode(), {}),
    "a model's reasons": ("POST", "/models/strict/explain", BODY, {}),
    "no such model": ("POST", "/models/nobody/predict", BODY, {}),
    "no such model to describe": ("GET", "/models/<script>", b"", {}),
}


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS)
def test_the_blueprint_answers_as_the_service(asked: tuple[str, str, bytes, dict[str, str]]) -> None:
    """Status, body and every header are the service's, to the byte, for answers and refusals alike."""
    method, path, body, headers = asked
    left, right = ask_flask(CLIENT, method, path, body, JSON | headers), ask_service(method, path, body, JSON | headers)
    assert differ(left, right) == []


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "application/x-ndjson"],
)
def test_another_type_is_refused(media_type: str) -> None:
    """The blueprint takes JSON alone, and says so where the service names lines too."""
    answer = ask_flask(CLIENT, "POST", "/predict", BODY, {"content-type": media_type})
    assert (answer.status, answer.header("accept")) == (415, "application/json")
    assert "ndjson" not in answer.json()["detail"]


def test_two_answers_that_differ_are_told_apart() -> None:
    """The comparison sees another status, another byte and another header."""
    answer = ask_service("GET", "/ping", b"")
    for change in ({"status": 201}, {"body": b"PONG "}, {"headers": answer.headers[1:]}):
        assert len(differ(answer, msgspec.structs.replace(answer, **change))) == 1


def test_no_route_is_left_out() -> None:
    """The blueprint has every route of the service but those of its process, its pages and other protocols."""
    ours = {str(rule).replace("<", "{").replace(">", "}") for rule in CLIENT.application.url_map.iter_rules()}
    theirs = {getattr(route, "path", "") for route in SERVICE.routes}
    missing = {path for path in theirs - ours if not path.startswith("/v2")}
    assert missing == {"/", "/docs", "/invocations", "/livez", "/metrics", "/openapi.json", "/readyz"}
    assert ours - theirs == {"/static/{path:filename}"}


@pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.name)
def test_flask_door(case: Case) -> None:
    """A record posted alone is answered as the case says, doubtful notes in the answer and the others in a header."""
    expected = case.find_expectation("json")
    if expected is None:
        assert case.json.cannot
        return
    body, path = case.find_body(), f"/models/{case.contract.replace(' ', '-')}/predict"
    is_array = body.startswith(b"[") and {fault.code for fault in expected.faults} == {"not_an_object"}
    # An array is records here, so that an array is no record is seen where a record should be.
    answer = ask_flask(CASES_CLIENT, "POST", path, b"[" + body + b"]" if is_array else body)
    told = answer.json()[0] if is_array else answer.json()
    notes = msgspec.convert(told.get("notes", ()), tuple[Fault, ...])
    faults = msgspec.convert(told.get("faults", ()), tuple[Fault, ...])
    outcome = Outcome(None, told.get("churn_probability"), notes, faults, told.get("more", 0))
    doubtful = tuple(note for note in expected.notes if note.code in DOUBTFUL)
    assert find_differences(msgspec.structs.replace(expected, notes=doubtful), outcome) == []
    others = [note.code for note in expected.notes if note.code not in DOUBTFUL]
    assert re.findall(r'([a-z_]+);at="', answer.header("augury-notes") or "") == others


@pytest.mark.parametrize(("size", "status"), [(999, 200), (1000, 200), (1001, 413)])
def test_the_limit_of_a_record(size: int, status: int) -> None:
    """A record may be as large as the limit and no larger."""
    answer = ask_flask(make_client(MODELS[0], settings=SMALL), "POST", "/predict", b" " * (size - len(BODY)) + BODY)
    assert answer.status == status
    if status == 413:
        assert answer.json()["detail"] == "the body is larger than 1,000 bytes; send less at once"


@pytest.mark.parametrize(("size", "status"), [(4000, 200), (4001, 413)])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_the_limit_of_an_array(size: int, status: int, is_chunked: bool) -> None:
    """An array may be as large as the limit of any body, whether its length is declared or not."""
    client = make_client(MODELS[0], settings=SMALL)
    padded = b" " * (size - len(BODY) - 2) + b"[" + BODY + b"]"
    environ = EnvironBuilder(path="/predict", method="POST", data=padded, headers=JSON).get_environ()
    if is_chunked:  # as a server hands it on: without a length, and ending by itself
        environ = {**environ, "wsgi.input_terminated": True}
        del environ["CONTENT_LENGTH"]
    came = flask.Response.from_app(client.application, environ)
    assert came.status_code == status
    assert came.mimetype == ("application/json" if status == 200 else "application/problem+json")


@pytest.mark.parametrize(("rows", "status"), [(3, 200), (4, 413)])
def test_the_limit_of_rows(rows: int, status: int) -> None:
    """An array may hold as many records as the limit and no more."""
    client = make_client(MODELS[0], settings=SMALL)
    assert ask_flask(client, "POST", "/predict", b"[" + b",".join([b"{}"] * rows) + b"]").status == status


def test_the_application_may_allow_less() -> None:
    """Where the application takes smaller bodies, its limit holds and is told as a problem."""
    client = make_client(MODELS[0])
    client.application.config["MAX_CONTENT_LENGTH"] = 100
    answer = ask_flask(client, "POST", "/predict", BODY)
    assert (answer.status, answer.header("content-type")) == (413, "application/problem+json")
    assert answer.json()["detail"] == "the body is larger than 100 bytes; send less at once"


def test_a_body_that_the_application_has_read() -> None:
    """An application that looks at every body first takes nothing from the blueprint."""
    client = make_client(MODELS[0])
    seen: list[bytes] = []
    client.application.before_request(lambda: seen.append(flask.request.get_data()))
    assert ask_flask(client, "POST", "/predict", BODY).body == answer_at_once(MODELS[0], BODY)
    assert seen == [BODY]


def test_a_failure_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected failure is a problem that says nothing; the log has where it was, and nothing of the record."""
    client = make_client(Broken(MODELS[0]))  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR, "augury.service"):
        answer = ask_flask(client, "POST", "/predict", BODY)
    assert (answer.status, answer.json()["type"]) == (500, "urn:augury:problem:internal")
    assert answer.json()["instance"] == "urn:augury:request:same"
    [logged] = caplog.records
    assert "predict_json" in vars(logged)["augury_members"]["traceback"]
    assert "gender" not in str(vars(logged)["augury_members"])


def test_one_line_a_request(caplog: pytest.LogCaptureFixture) -> None:
    """A request is logged by its route's template, with the codes that were found, and never with the record."""
    with caplog.at_level(logging.INFO, "augury.service"):
        ask_flask(CLIENT, "POST", "/models/strict/predict", b'{"tenure":"12"}')
    [logged] = caplog.records
    told = vars(logged)["augury_members"]
    assert (told["method"], told["route"], told["status"]) == ("POST", "/models/<name>/predict", 422)
    assert told["faults"] == {"type": 1, "absent": 17}


def test_an_id_of_its_own() -> None:
    """Without a well-formed id the answer gets a new one."""
    sent = {"Content-Type": "application/json"}
    made = [
        ask_flask(CLIENT, "GET", "/ping", b"", each).header("x-request-id")
        for each in (sent, sent | {"X-Request-Id": "a b"})
    ]
    assert all(re.fullmatch(r"[0-9a-f]{32}", each or "") for each in made)
    assert len(set(made)) == 2


def test_a_question_before_the_request() -> None:
    """OPTIONS says which methods a path has, as browsers ask before a request from another site."""
    came = CLIENT.options("/predict")
    assert (came.status_code, came.headers["Allow"]) == (200, "POST, OPTIONS")


def test_two_blueprints_in_one_application(tmp_path: Path) -> None:
    """Blueprints under their own names and prefixes answer beside each other, and beside the application's routes."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(make_artifact())
    app = flask.Flask("shop")
    app.register_blueprint(make_blueprint(path, url_prefix="/a"))
    app.register_blueprint(make_blueprint(*MODELS, name="second", default="strict"), url_prefix="/b")
    app.add_url_rule("/ping", "ping", lambda: "the shop's own")
    client = app.test_client()
    assert client.get("/ping").text == "the shop's own"
    assert client.get("/a/ping").text == client.get("/b/ping").text == "PONG"
    assert client.get("/a/ping").headers["Augury-Model"].startswith("churn@")
    assert client.post("/b/predict", data=BODY, headers=JSON).headers["Augury-Model"].startswith("strict@")
    with app.test_request_context():
        assert flask.url_for("second.predict") == "/b/predict"


def test_the_bundled_model() -> None:
    """Without a model the blueprint answers with the churn model that comes with Augury."""
    assert make_client().get("/ping").headers["Augury-Model"].startswith("churn@")


def test_what_cannot_be_served(tmp_path: Path) -> None:
    """A file that is no artifact, and two models of one name, are refused when the blueprint is made."""
    path = tmp_path / "churn.augury.json"
    path.write_text("{}")
    with pytest.raises(ArtifactError):
        make_blueprint(path)
    with pytest.raises(UsageError, match="two models are named churn"):
        make_blueprint(MODELS[0], make_model())


def test_a_model_and_a_path_alike(tmp_path: Path) -> None:
    """A model that was loaded before is served as its file is."""
    path = tmp_path / "churn.augury.json"
    path.write_bytes(make_artifact())
    model: Model = MODELS[0]
    assert differ(*(ask_flask(make_client(each), "POST", "/predict", BODY) for each in (model, path))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [Settings(api_keys=[ApiKey("a", "0" * 64)]), Settings(allow_host=["a.test"])])
def test_a_guard_that_flask_cannot_honour(settings: Settings) -> None:
    """Keys and hosts are refused rather than forgotten: the application guards its own routes."""
    with pytest.raises(UsageError, match="keys and hosts are for augury serve"):
        make_blueprint(make_model(), settings=settings)
