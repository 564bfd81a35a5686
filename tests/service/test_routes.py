from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette

from augury.contract.jsonschema import make_schema
from augury.errors import UsageError
from augury.model import Model
from augury.service.app import build_app, create_app
from augury.service.drain import Drain
from augury.service.models import Roster, gather_models
from augury.service.service import Service
from augury.service.settings import Settings
from tests.service.asking import ask
from tests.service.models import answer_at_once, make_model

VERSION = make_model().digest[7:19]
PATHS = {
    "/": "GET",
    "/ping": "GET",
    "/predict": "POST",
    "/explain": "POST",
    "/invocations": "POST",
    "/schema": "GET",
    "/models": "GET",
    "/models/churn": "GET",
    "/models/churn/predict": "POST",
    "/models/churn/explain": "POST",
    "/models/churn/schema": "GET",
    "/docs": "GET",
    "/metrics": "GET",
    "/openapi.json": "GET",
    "/livez": "GET",
    "/readyz": "GET",
    "/v2": "GET",
    "/v2/health/live": "GET",
    "/v2/health/ready": "GET",
    "/v2/models/churn": "GET",
    "/v2/models/churn/ready": "GET",
    "/v2/models/churn/infer": "POST",
    f"/v2/models/churn/versions/{VERSION}": "GET",
    f"/v2/models/churn/versions/{VERSION}/ready": "GET",
    f"/v2/models/churn/versions/{VERSION}/infer": "POST",
    "/v2/repository/index": "POST",
    "/v2/repository/models/churn/load": "POST",
    "/v2/repository/models/churn/unload": "POST",
}
METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")


def test_ping(app: Starlette) -> None:
    """/ping answers as the lab's service does."""
    answer = ask(app, "GET", "/ping")
    assert (answer.status, answer.body) == (200, b"PONG")
    assert answer.header("content-type") == "text/plain; charset=utf-8"


def test_one_record(app: Starlette, model: Model, body: bytes) -> None:
    """One record without a note gets the model's own bytes: the label and the probability, and no more."""
    answer = ask(app, "POST", "/predict", body)
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert answer.body == answer_at_once(model, body)
    assert list(answer.json()) == ["churn", "churn_probability"]
    assert answer.header("augury-notes") is None
    assert answer.header("augury-refused") is None


def test_a_doubtful_note_is_in_the_answer(app: Starlette, record: dict[str, Any]) -> None:
    """A number under which the answer may be doubtful is told in the answer itself, not in a header."""
    answer = ask(app, "POST", "/predict", json.dumps(record | {"tenure": 80}).encode())
    [note] = answer.json()["notes"]
    assert (note["code"], note["pointer"]) == ("range", "/tenure")
    assert answer.header("augury-notes") is None


def test_another_note_is_in_a_header(app: Starlette, record: dict[str, Any]) -> None:
    """An unknown key leaves the answer as the lab's client expects it, and is told in a header."""
    answer = ask(app, "POST", "/predict", json.dumps(record | {"loyalty": 3}).encode())
    assert list(answer.json()) == ["churn", "churn_probability"]
    assert answer.header("augury-notes") == 'unknown_key;at="/loyalty"'


@pytest.mark.parametrize(
    ("path", "query"), [("/predict", "explain=true"), ("/explain", ""), ("/explain", "explain=false")]
)
def test_reasons(app: Starlette, model: Model, body: bytes, path: str, query: str) -> None:
    """With reasons, the answer holds what each field adds and the base they add to."""
    answer = ask(app, "POST", path, body, query=query)
    assert answer.body == model.write_answer(model.predict_json(body, explain=True))
    assert list(answer.json()["contributions"]) == [field.name for field in model.contract.features]


def test_reasons_are_not_given_unasked(app: Starlette, model: Model, body: bytes) -> None:
    """explain=false is as no parameter at all."""
    assert ask(app, "POST", "/predict", body, query="explain=false").body == answer_at_once(model, body)


@pytest.mark.parametrize("value", ["1", "yes", "True", "", "<script>"])
def test_a_parameter_that_says_neither(app: Starlette, body: bytes, value: str) -> None:
    """The parameter explain is true or false; anything else is refused and not repeated."""
    answer = ask(app, "POST", "/predict", body, query=f"explain={value}")
    assert (answer.status, answer.json()["type"]) == (400, "urn:augury:problem:bad-query")
    assert b"script" not in answer.body


@pytest.mark.parametrize("path", ["/schema", "/models/churn/schema"])
def test_schema(app: Starlette, model: Model, path: str) -> None:
    """The contract comes as JSON Schema, with a golden record as the example."""
    answer = ask(app, "GET", path)
    assert answer.header("content-type") == "application/schema+json"
    assert answer.json() == json.loads(
        json.dumps(make_schema(model.contract, model.name, model.digest, model.examples[0]))
    )
    assert answer.json()["$id"] == f"urn:augury:churn:{model.digest[7:19]}"


def test_models(model: Model) -> None:
    """/models lists what is served, the default marked, and each has its own page of facts."""
    second = make_model("second")
    app = create_app([model, second], settings=Settings(), default="second")
    listed = ask(app, "GET", "/models").json()["models"]
    assert [(each["name"], each["default"], each["golden_rows"]) for each in listed] == [
        ("churn", False, 2),
        ("second", True, 2),
    ]
    assert ask(app, "GET", "/models/churn").json() == listed[0]
    assert listed[0]["digest"] == model.digest


def test_several_models_answer_each_under_its_name(model: Model, body: bytes) -> None:
    """Bare routes are the default model's, named ones their own, and every answer says who gave it."""
    second = make_model("second", unknown_key="refuse")
    app = create_app([model, second], settings=Settings(default="second"))
    asked = [path for path, method in PATHS.items() if method == "POST" and not path.startswith("/v2")]
    signed = {path: ask(app, "POST", path, body).header("augury-model") for path in asked}
    assert signed == {
        "/predict": f"second@{second.digest[7:19]}",
        "/explain": f"second@{second.digest[7:19]}",
        "/invocations": f"second@{second.digest[7:19]}",
        "/models/churn/predict": f"churn@{model.digest[7:19]}",
        "/models/churn/explain": f"churn@{model.digest[7:19]}",
    }


@pytest.mark.parametrize("path", ["/models/nobody", "/models/nobody/schema", "/models/nobody/predict"])
def test_a_model_that_is_not_served(app: Starlette, body: bytes, path: str) -> None:
    """An unknown model is not found, and its name is not repeated."""
    answer = ask(app, "POST" if "predict" in path else "GET", path, body)
    assert (answer.status, answer.json()["type"]) == (404, "urn:augury:problem:not-found")
    assert b"nobody" not in answer.body


def test_probes(model: Model) -> None:
    """The process lives and is ready; while it stops it lives and is not ready, and its answers end connections."""
    drain = Drain()
    app = build_app(Service(Roster(gather_models([model])), Settings(), drain))
    assert ask(app, "GET", "/livez").status == ask(app, "GET", "/readyz").status == 200
    assert ask(app, "GET", "/ping").header("connection") is None
    drain.begin()
    stopping = ask(app, "GET", "/readyz")
    assert (stopping.status, stopping.header("retry-after")) == (503, "1")
    assert stopping.json()["type"] == "urn:augury:problem:draining"
    assert ask(app, "GET", "/livez").status == 200
    assert ask(app, "GET", "/ping").header("connection") == "close"


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for path in PATHS for method in (*METHODS, "GET", "POST") if method != PATHS[path]],
)
def test_a_method_that_a_path_has_not(app: Starlette, method: str, path: str) -> None:
    """Any other method is refused as a problem that says which are allowed."""
    answer = ask(app, method, path)
    problem = "application/json" if path.startswith("/v2") else "application/problem+json"
    assert (answer.status, answer.header("content-type")) == (405, problem)
    assert answer.header("allow") == ("GET, HEAD" if PATHS[path] == "GET" else "POST")


# The metrics count the very requests that ask for them, so that no two answers are alike.
@pytest.mark.parametrize("path", [path for path, method in PATHS.items() if method == "GET" and path != "/metrics"])
def test_head(app: Starlette, path: str) -> None:
    """HEAD is answered with the very headers of GET."""
    got, headed = (ask(app, method, path, headers={"x-request-id": "same"}) for method in ("GET", "HEAD"))
    assert headed.status == 200
    assert headed.headers == got.headers


@pytest.mark.parametrize(
    "path", ["/nothing", "/predict/", "//predict", "/ping/x", "/models/", "/models/a/b/c", "/é", "/ping\n"]
)
def test_a_path_that_is_not(app: Starlette, path: str) -> None:
    """An unknown path is a problem, never a redirect, and is not repeated."""
    answer = ask(app, "GET", path)
    assert (answer.status, answer.header("content-type")) == (404, "application/problem+json")
    assert answer.header("location") is None
    assert path.encode() not in answer.body


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
def test_every_answer_is_signed(app: Starlette, model: Model, path: str) -> None:
    """Every answer names the model that gave it and the request that it answers."""
    answer = ask(app, PATHS.get(path, "GET"), path, headers={"x-request-id": "order-7.b_1"})
    assert answer.header("augury-model") == f"churn@{model.digest[7:19]}"
    assert answer.header("x-request-id") == "order-7.b_1"
    if answer.status >= 400:
        assert answer.json()["instance"] == "urn:augury:request:order-7.b_1"


def test_no_route_is_left_out(app: Starlette) -> None:
    """The table above walks every route that the application has."""
    templates = {path.replace("/models/churn", "/models/{name}").replace(VERSION, "{version}") for path in PATHS}
    assert templates == {getattr(route, "path", None) for route in app.routes}


def test_models_that_cannot_be_served_together(model: Model) -> None:
    """No model, two of one name, a name that a path cannot hold, and an unknown default are each one sentence."""
    settings = Settings()
    with pytest.raises(UsageError, match="no model to serve"):
        create_app([], settings=settings)
    with pytest.raises(UsageError, match="two models are named churn"):
        create_app([model, make_model()], settings=settings)
    with pytest.raises(UsageError, match="no model named 'other'"):
        create_app([model], settings=settings, default="other")


@pytest.mark.parametrize("name", ["../etc", "a b", "a\r\nSet-Cookie: x", "<script>", "", "x" * 65, "churn\n"])
def test_a_hostile_name(model: Model, name: str) -> None:
    """A name that would need escaping in a URL, a header or a log line is refused before anything is served."""

    class Named:
        def __getattr__(self, attribute: str) -> Any:
            return name if attribute == "name" else getattr(model, attribute)

    with pytest.raises(UsageError):
        create_app([Named()], settings=Settings())  # type: ignore[list-item]
