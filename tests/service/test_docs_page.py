from __future__ import annotations

import base64
import hashlib
import shlex
from typing import Any

import pytest
from starlette.applications import Starlette

from augury.artifact.document import Golden
from augury.contract.fields import CategoryField, Contract
from augury.ir.nodes import Category, Linear, Link, OneHot
from augury.model import Model
from augury.service.app import create_app
from augury.service.gate.keys import ApiKey, make_key
from augury.service.openapi.prose import write_line, write_prose
from augury.service.settings import Settings
from tests.html_page import Page
from tests.service.asking import Answer, ask
from tests.service.models import make_model, make_model_of

HOSTILE = "</script><script>alert(1)</script>`*[x](javascript:y)&amp;'$"


@pytest.fixture(scope="module")
def answer(app: Starlette) -> Answer:
    """The page of the application with the churn model."""
    return ask(app, "GET", "/docs", headers={"host": "example.test:8080"})


@pytest.fixture(scope="module")
def page(answer: Answer) -> Page:
    """That page, read."""
    assert (answer.status, answer.header("content-type")) == (200, "text/html; charset=utf-8")
    return Page(answer.body.decode())


@pytest.fixture(scope="module")
def document(app: Starlette) -> dict[str, Any]:
    """The document that the page shows."""
    document: dict[str, Any] = ask(app, "GET", "/openapi.json").json()
    return document


def test_every_operation_is_on_the_page(page: Page, document: dict[str, Any]) -> None:
    """Each operation has its method, its path and its summary, and the list at the top leads to it."""
    places = [attributes.get("id") for _, attributes in page.tags]
    links = [attributes["href"] for attributes in page.find("a")]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path} {operation['summary']}" in page.texts["summary"]
            assert operation["operationId"] in places
            assert f"#{operation['operationId']}" in links


def test_every_type_is_on_the_page(page: Page, document: dict[str, Any]) -> None:
    """Each type of the document has its place, and a link within the page leads to a place that is there, once."""
    places = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(places)) == len(places)
    assert {f"type-{name}" for name in document["components"]["schemas"]} <= set(places)
    within = [(each["href"] or "")[1:] for each in page.find("a") if (each["href"] or "").startswith("#")]
    assert within
    assert set(within) - set(places) == set()


def test_the_body_is_a_table(page: Page, model: Model) -> None:
    """The fields of the contract stand in a table, with what each takes and whether it must be there."""
    rows = page.texts["tr"]
    assert [field.name for field in model.contract.fields if not any(row.startswith(field.name) for row in rows)] == []
    assert "customeridstring or number or boolean or nullnoAlso spelt customerID." in rows
    assert "tenureinteger, 0 to 144yes" in rows
    assert "genderfemale, maleyes" in rows
    assert "totalchargesnumber or null, 0 to 17369.6yes" in rows
    [contract] = {row for row in rows if row.startswith("contractstring")}
    assert contract.startswith("contractstring, such as month-to-month, one_year, two_year, ")
    assert contract.endswith("yesAlso spelt Contract.")


def test_every_command_can_be_pasted(app: Starlette, page: Page) -> None:
    """Each curl asks this service, is made of words that a shell takes, and gets an answer with status 200."""
    commands = [shlex.split(text) for text in page.texts["pre"] if text.startswith("curl ")]
    refused = []
    for words in commands:
        [address] = [word for word in words if word.startswith("http")]
        assert address.startswith("http://example.test:8080/")
        path = address.removeprefix("http://example.test:8080")
        if "--data-binary" not in words:
            assert ask(app, "POST" if "POST" in words else "GET", path).status == (403 if "POST" in words else 200)
            continue
        media_type = words[words.index("-H") + 1].partition(": ")[2]
        given = ask(app, "POST", path, words[words.index("--data-binary") + 1].encode(), {"content-type": media_type})
        refused += [path] if given.status != 200 else []
    assert len(commands) > 20
    assert refused == []


def test_a_command_shows_the_key_where_one_is_asked_for(model: Model) -> None:
    """Where the service asks for a key, its commands have a place for one, but those of probes."""
    key, entry = make_key("billing")
    app = create_app([model], settings=Settings(api_keys=(ApiKey("billing", entry.rpartition(":")[2]),)))
    page = Page(ask(app, "GET", "/docs", headers={"x-api-key": key}).body.decode())
    commands = [shlex.split(text) for text in page.texts["pre"] if text.startswith("curl ")]
    without = [words[-1].partition("9696")[2] for words in commands if "X-API-Key: KEY" not in words]
    assert sorted(without) == ["/livez", "/ping", "/readyz", "/v2/health/live", "/v2/health/ready"]


def test_nothing_runs_and_nothing_is_fetched(answer: Answer, page: Page) -> None:
    """The policy forbids everything but the one style in the page, and the page has nothing else."""
    [style] = page.texts["style"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.header("content-security-policy") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.header("x-content-type-options") == "nosniff"
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "form", "object", "base"} == set()
    assert [
        name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"
    ] == []
    outside = [each["href"] for each in page.find("a") if not (each["href"] or "").startswith("#")]
    assert outside == ["openapi.json", "."]


@pytest.mark.parametrize("host", ['evil"><script>', "a b", "h/../x", "é"])
def test_a_strange_host_is_not_repeated(app: Starlette, host: str) -> None:
    """A Host that is none is not written into the page."""
    answer = ask(app, "GET", "/docs", headers={"host": host})
    assert "http://localhost:9696/predict" in answer.body.decode()
    assert host.encode() not in answer.body


def test_hostile_names_are_text() -> None:
    """Names, spellings and levels from an artifact are text on the page, whatever they hold."""
    field = CategoryField(name=HOSTILE, spellings=(f"also{HOSTILE}",), levels=(HOSTILE, "\x1a", *map(str, range(60))))
    weights = (0.0,) * len(field.levels)
    predictor = Link((Linear((OneHot(Category(HOSTILE), tuple(range(len(weights)))),), weights, 0.0),))
    model = make_model_of("hostile", Contract(fields=(field,)), predictor, (Golden({HOSTILE: "7"}, 0.0),))
    answer = ask(create_app([model], settings=Settings()), "GET", "/docs", headers={"host": "h"})
    page = Page(answer.body.decode())
    assert b"<script" not in answer.body
    assert f"{HOSTILE}one of 62 valuesyesAlso spelt also{HOSTILE}." in page.texts["tr"]


def test_other_models_are_another_page(app: Starlette) -> None:
    """The page of several models has the operations of each."""
    several = create_app([make_model(), make_model("second-one")], settings=Settings())
    texts = Page(ask(several, "GET", "/docs").body.decode()).texts["h1"]
    assert texts == ["Augury: churn, second-one"]
    assert Page(ask(app, "GET", "/docs").body.decode()).texts["h1"] == ["Augury: churn"]


def test_prose_is_the_little_of_commonmark_that_is_used() -> None:
    """Paragraphs, lists and code are written, an escaped mark stands for itself, and nothing else is markup."""
    assert write_prose("One `a<b`.\n\nTwo:\n* x\n* `y`") == (
        "<p>One <code>a&lt;b</code>.</p><p>Two:</p><ul><li>x</li><li><code>y</code></li></ul>"
    )
    assert write_line(r"\<b>\` and \*") == "&lt;b&gt;` and *"
    assert write_prose("") == ""
