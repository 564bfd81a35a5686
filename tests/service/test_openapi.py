from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing.exceptions import PointerToNowhere
from starlette.applications import Starlette
from starlette.routing import Match, Route

from augury.artifact.document import Golden
from augury.contract.faults import CODES
from augury.contract.fields import CategoryField, Contract
from augury.ir.nodes import Category, Linear, Link, OneHot
from augury.model import Model
from augury.service.app import build_app, create_app
from augury.service.drain import Drain
from augury.service.gate.keys import ApiKey, make_key
from augury.service.models import Roster, gather_models
from augury.service.openapi.naming import name_types
from augury.service.problems import KINDS, name_type
from augury.service.service import Service
from augury.service.settings import Settings
from tests.service.asking import Answer, ask
from tests.service.models import make_model, make_model_of

HOSTILE = "</script><b>`*[x](y)&amp;"
# Headers that tell a browser how to show a page, and no client anything.
OF_PAGES = ("content-security-policy", "x-content-type-options", "referrer-policy")
# What is wrong with a request, each with the status that it gets.
BAD: dict[str, tuple[str, str, bytes, dict[str, str], str, int]] = {
    "no JSON": ("POST", "/predict", b"{", {}, "", 400),
    "no UTF-8": ("POST", "/predict", b'"\xff"', {}, "", 400),
    "no record": ("POST", "/explain", b"1", {}, "", 422),
    "an empty record": ("POST", "/models/churn/predict", b"{}", {}, "", 422),
    "a query": ("POST", "/predict", b"{}", {}, "explain=perhaps", 400),
    "a large array": ("POST", "/predict", b"[" + b"{}," * 20_000 + b"{}]", {}, "", 413),
    "a form to the protocol": (
        "POST",
        "/v2/models/churn/infer",
        b"a=1",
        {"content-type": "application/x-www-form-urlencoded"},
        "",
        415,
    ),
    "no inputs": ("POST", "/v2/models/churn/infer", b"{}", {}, "", 422),
    "a model to load": ("POST", "/v2/repository/models/churn/load", b"", {}, "", 403),
    "a form": ("POST", "/predict", b"a=1", {"content-type": "application/x-www-form-urlencoded"}, "", 415),
}


@pytest.fixture(scope="module")
def document(app: Starlette) -> dict[str, Any]:
    """The document of the application with the churn model."""
    answer = ask(app, "GET", "/openapi.json")
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    document: dict[str, Any] = answer.json()
    return document


def make_hostile_model() -> Model:
    """A model whose names and spellings would be markup if nobody took care."""
    field = CategoryField(name=HOSTILE, spellings=("<img>_*",), levels=(HOSTILE, "b"))
    predictor = Link((Linear((OneHot(Category(HOSTILE), (0, 1)),), (0.0, 0.0), 0.0),))
    return make_model_of("1.hostile-name_", Contract(fields=(field,)), predictor, (Golden({HOSTILE: "b"}, 0.0),))


def iter_operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each path, method and operation of a document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def find_answer(document: dict[str, Any], operation: dict[str, Any], status: int) -> dict[str, Any]:
    """What an operation says of a status, wherever it is written."""
    found: dict[str, Any] = operation["responses"][str(status)]
    name = found.get("$ref", "").rpartition("/")[2]
    return document["components"]["responses"][name] if name else found


def find_header(document: dict[str, Any], header: dict[str, Any]) -> dict[str, Any]:
    """What the document says of a header, wherever it is written."""
    found: dict[str, Any] = document["components"]["headers"].get(header.get("$ref", "").rpartition("/")[2], header)
    return found


def check_described(document: dict[str, Any], path: str, method: str, answer: Answer) -> None:
    """Hold an answer to what the document says of its status, headers, type and body."""
    operation = document["paths"][path][method.lower()]
    said = find_answer(document, operation, answer.status)
    for name in {key for key, _ in answer.headers} - {"content-type", "content-length", *OF_PAGES}:
        [header] = [each for each in said["headers"] if each.lower() == name]
        value: Any = answer.header(name)
        schema = find_header(document, said["headers"][header])["schema"]
        jsonschema.validate(int(value) if schema["type"] == "integer" else value, schema)
    required = {name for name, header in said["headers"].items() if find_header(document, header).get("required")}
    assert "X-Request-Id" in required
    assert [name for name in required if answer.header(name.lower()) is None] == []
    content = said["content"][(answer.header("content-type") or "").partition(";")[0]]
    if "json" in (answer.header("content-type") or "") and "ndjson" not in (answer.header("content-type") or ""):
        jsonschema.Draft202012Validator({**content["schema"], "components": document["components"]}).validate(
            answer.json()
        )


@pytest.mark.parametrize("names", [["churn"], ["churn", "second-one"], ["Churn", "churn", "c.hurn"]])
def test_the_document_is_openapi(names: list[str]) -> None:
    """The specification's own validator finds nothing, whatever is served."""
    app = create_app([*map(make_model, names), make_hostile_model()], settings=Settings())
    document = ask(app, "GET", "/openapi.json").json()
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert document["openapi"].startswith("3.1.")


def test_a_document_that_is_not_openapi_is_found_out(document: dict[str, Any]) -> None:
    """The validator does find a reference to nothing, and a path that is written wrongly."""
    broken = document | {"paths": {"predict": document["paths"]["/predict"]}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())
    dangling = document | {"components": document["components"] | {"responses": {}}}
    with pytest.raises(PointerToNowhere):
        list(OpenAPIV31SpecValidator(dangling).iter_errors())


def test_every_route_is_described_and_nothing_else(app: Starlette, document: dict[str, Any]) -> None:
    """Each route has a path that leads to it, and each path leads to a route that has its method."""
    reached = set()
    for path, method, _ in iter_operations(document):
        scope = {"type": "http", "path": path, "method": method.upper(), "root_path": ""}
        [route] = [route for route in app.routes if route.matches(scope)[0] is Match.FULL]
        assert isinstance(route, Route)
        reached.add((route.path, method.upper()))
    routes = {
        (route.path, method) for route in app.routes if isinstance(route, Route) for method in route.methods or ()
    }
    assert {(path, method) for path, method in routes if method != "HEAD"} == reached


def test_every_model_has_its_own_types() -> None:
    """Each model's paths take its record and answer its answer, and the bare ones are the default one's."""
    models = [make_model(), make_hostile_model()]
    document = ask(create_app(models, settings=Settings(default="churn")), "GET", "/openapi.json").json()
    for path, name in (("", "Churn"), ("/models/churn", "Churn"), ("/models/1.hostile-name_", "Model1HostileName")):
        [record, rows] = document["paths"][f"{path}/predict"]["post"]["requestBody"]["content"]["application/json"][
            "schema"
        ]["anyOf"]
        assert record == rows["items"] == {"$ref": f"#/components/schemas/{name}Record"}
        for verb, kind in (("predict", "Answer"), ("explain", "Explanation")):
            answers = document["paths"][f"{path}/{verb}"]["post"]["responses"]["200"]["content"]["application/json"]
            assert answers["schema"]["anyOf"][0] == {"$ref": f"#/components/schemas/{name}{kind}"}
    assert list(document["components"]["schemas"]["Model1HostileNameRecord"]["properties"]) == [HOSTILE]


def test_the_record_is_the_contract(document: dict[str, Any], model: Model) -> None:
    """The record's schema has the contract's fields, levels, ranges and nulls, and a golden row as its example."""
    record = document["components"]["schemas"]["ChurnRecord"]
    assert list(record["properties"]) == [field.name for field in model.contract.fields]
    assert record["properties"]["gender"]["enum"] == ["female", "male"]
    assert record["properties"]["tenure"] == {"title": "tenure", "type": "integer", "minimum": 0, "maximum": 144}
    assert record["properties"]["totalcharges"]["type"] == ["number", "null"]
    assert record["examples"] == [dict(model.examples[0])]
    assert "paperlessbilling" not in record["required"]
    assert "gender" in record["required"]


def test_no_schema_moves_the_documents_address(document: dict[str, Any]) -> None:
    """No component has an address or a dialect of its own, in which references would lead elsewhere."""
    schemas = document["components"]["schemas"].values()
    assert [key for schema in schemas for key in schema if key.startswith("$") and key != "$ref"] == []


def test_every_example_is_what_really_happens(app: Starlette, document: dict[str, Any]) -> None:
    """Each example of a body is answered with status 200, and each example of an answer holds what is answered."""
    tried = 0
    for path, method, operation in iter_operations(document):
        if "200" not in operation["responses"]:
            continue
        bodies = operation.get("requestBody", {}).get("content", {"": {"example": b""}})
        for media_type, content in bodies.items():
            for name, example in content.get("examples", {"": {"value": content.get("example")}}).items():
                value = example["value"]
                if value is None:
                    continue
                sent = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else None
                body = msgspec.json.encode(value) if sent is None else sent
                answer = ask(app, method.upper(), path, body, {"content-type": media_type} if media_type else {})
                assert answer.status == 200, (path, name, answer.body)
                check_described(document, path, method, answer)
                said = operation["responses"]["200"]["content"]
                expected = said[(answer.header("content-type") or "").partition(";")[0]]
                if name == "record":
                    assert expected["examples"][name]["value"] == answer.json()
                elif "example" in expected and not name and answer.header("content-type") == "application/json":
                    assert expected["example"] == answer.json()
                tried += 1
    assert tried > len(document["paths"])


def test_a_refused_record_among_many_is_as_the_example_says(app: Starlette, document: dict[str, Any]) -> None:
    """What stands for a refused record in the examples is what the service answers with, alone and as a line."""
    content = document["paths"]["/predict"]["post"]["responses"]["200"]["content"]
    said = content["application/json"]["examples"]["records"]["value"][-1]
    assert ask(app, "POST", "/predict", b"[0]").json() == [said]
    lines = ask(app, "POST", "/predict", b"0\n", {"content-type": "application/x-ndjson"})
    assert lines.json() == json.loads(content["application/x-ndjson"]["example"].splitlines()[-1]) == said


@pytest.mark.parametrize(
    ("change", "query"),
    [
        ({"tenure": 80}, ""),
        ({"totalcharges": None}, "explain=true"),
        ({"loyalty": 1}, ""),
        ({"contract": "new"}, "explain=true"),
    ],
)
def test_doubtful_answers_are_described(
    app: Starlette, document: dict[str, Any], record: dict[str, Any], change: dict[str, Any], query: str
) -> None:
    """An answer with notes, with reasons, or with a header of notes, is what the document says."""
    for path in ("/predict", "/explain", "/models/churn/predict"):
        one = ask(app, "POST", path, json.dumps(record | change).encode(), query=query)
        check_described(document, path, "POST", one)
        many = ask(app, "POST", path, json.dumps([record | change, {}, None]).encode(), query=query)
        assert (one.status, many.status, many.header("augury-refused")) == (200, 200, "2")
        check_described(document, path, "POST", many)


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_problems_are_described(
    app: Starlette, document: dict[str, Any], case: tuple[str, str, bytes, dict[str, str], str, int]
) -> None:
    """Each refusal has the status, the headers and the members that the document says."""
    method, path, body, headers, query, status = case
    answer = ask(app, method, path, body, headers, query=query)
    assert answer.status == status
    check_described(document, path, method, answer)


def test_an_undescribed_answer_is_found_out(document: dict[str, Any], app: Starlette) -> None:
    """The judge of answers refuses an answer that the document does not describe."""
    answer = ask(app, "POST", "/predict", b"{}")
    with pytest.raises(KeyError):
        check_described(document, "/ping", "GET", answer)
    other = msgspec.structs.replace(answer, body=answer.body.replace(b'"absent"', b'"gone"'))
    with pytest.raises(jsonschema.ValidationError):
        check_described(document, "/predict", "POST", other)


def test_the_lists_are_closed_and_whole(document: dict[str, Any]) -> None:
    """Every code and every kind of problem is listed, and each kind's status has a description that names it."""
    schemas = document["components"]["schemas"]
    assert set(schemas["Fault"]["properties"]["code"]["enum"]) == set(CODES)
    assert schemas["Problem"]["properties"]["type"]["enum"] == [name_type(kind) for kind in KINDS]
    responses = document["components"]["responses"]
    for kind, (status, _) in KINDS.items():
        assert f"`{name_type(kind)}`" in responses[f"Problem{status}"]["description"]


def test_everything_is_said_in_words(document: dict[str, Any]) -> None:
    """Each operation has a summary, and each member of a type that all models share a description."""
    assert [path for path, _, operation in iter_operations(document) if not operation["summary"]] == []
    shared = {name: schema for name, schema in document["components"]["schemas"].items() if "Churn" not in name}
    members = [
        (name, member)
        for name, schema in shared.items()
        for member, content in schema.get("properties", {}).items()
        if not content.get("description") and "$ref" not in content
    ]
    assert members == []
    assert [name for name, schema in shared.items() if not schema["description"]] == []


def test_methods_and_types_of_generated_clients_have_names(document: dict[str, Any]) -> None:
    """Operation ids and types are identifiers, each once."""
    ids = [operation["operationId"] for _, _, operation in iter_operations(document)]
    assert len({name.lower() for name in ids}) == len(ids)
    names = [*ids, *document["components"]["schemas"]]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name)] == []


def test_types_are_named_apart() -> None:
    """Names that come out alike are numbered, letters' case aside, and none takes a name that another has."""
    named = name_types(["a-b", "a.b", "AB", "ab", "ab-2", "ab_2", "x", "2"])
    assert (named["a-b"], named["2"]) == ("AB", "Model2")
    assert named["x"] == "X"
    assert len({name.lower() for name in named.values()}) == len(named)


@pytest.mark.parametrize("name", ["refused", "served", "row", "problem", "churn-record", "schema", "model"])
def test_no_models_name_hides_another_type(name: str) -> None:
    """Whatever a model is named, its types and methods stand beside those of all models."""
    plain = ask(create_app([make_model("other")], settings=Settings()), "GET", "/openapi.json").json()
    both = ask(create_app([make_model("other"), make_model(name)], settings=Settings()), "GET", "/openapi.json").json()
    before, after = plain["components"]["schemas"], both["components"]["schemas"]
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 3
    ids = [operation["operationId"] for _, _, operation in iter_operations(both)]
    assert len({each.lower() for each in ids}) == len(ids)


def test_spellings_are_no_markup() -> None:
    """A spelling that is markup stands escaped in a description, which is CommonMark."""
    document = ask(create_app([make_hostile_model()], settings=Settings()), "GET", "/openapi.json").json()
    [content] = document["components"]["schemas"]["Model1HostileNameRecord"]["properties"].values()
    assert content["description"] == r"Also spelt \<img>_\*."


def test_the_same_models_give_the_same_bytes() -> None:
    """The document depends on nothing but the models and the settings, and is written once for a snapshot."""
    first, second = (create_app([make_model()], settings=Settings()) for _ in range(2))
    body = ask(first, "GET", "/openapi.json").body
    assert body == ask(second, "GET", "/openapi.json", headers={"host": "elsewhere"}).body
    written = first.state.description
    assert ask(first, "GET", "/openapi.json").body == body
    assert first.state.description is written


def test_other_models_are_another_document() -> None:
    """Once the models are replaced, the next request is answered with the document of those."""
    roster = Roster(gather_models([make_model()]))
    app = build_app(Service(roster, Settings(), Drain()))
    before = ask(app, "GET", "/openapi.json").json()
    roster.replace(gather_models([make_model("another")]))
    after = ask(app, "GET", "/openapi.json").json()
    assert "/models/churn/predict" in before["paths"]
    assert "/models/churn/predict" not in after["paths"]
    assert "/models/another/predict" in after["paths"]
    assert before["info"]["version"] != after["info"]["version"]


def test_keys_are_described_where_they_are_asked_for(model: Model) -> None:
    """Both ways to send a key stand on each guarded path, with status 401, and on no other."""
    key, entry = make_key("billing")
    said = ApiKey("billing", entry.rpartition(":")[2])
    app = create_app([model], settings=Settings(api_keys=(said,)))
    document = ask(app, "GET", "/openapi.json", headers={"x-api-key": key}).json()
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert set(document["components"]["securitySchemes"]) == {"key", "bearer"}
    for path, method, operation in iter_operations(document):
        answer = ask(app, method.upper(), path, b"{}")
        assert (answer.status == 401) == (operation.get("security") == [{"key": []}, {"bearer": []}])
        assert ("401" in operation["responses"]) == (answer.status == 401)
        check_described(document, path, method, answer)


def test_no_key_is_described_where_none_is_asked_for(document: dict[str, Any]) -> None:
    """A service that asks for no key says nothing of keys."""
    assert "securitySchemes" not in document["components"]
    assert [
        path for path, _, each in iter_operations(document) if "security" in each or "401" in each["responses"]
    ] == []
