from __future__ import annotations

import base64
import hashlib
import re
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette

from augury.artifact.document import Golden
from augury.contract.fields import Bounds, CategoryField, Contract, IdentifierField, NumberField
from augury.ir.nodes import Category, Linear, Link, Number, OneHot
from augury.model import Model
from augury.service.app import create_app
from augury.service.models import find_label
from augury.service.page import front as front_page
from augury.service.settings import Settings
from tests.html_page import Page
from tests.service.asking import Answer, ask
from tests.service.models import make_model, make_model_of

FOLDER = Path(front_page.__file__).with_name("static")
HOSTILE = "\"><script>alert(1)</script>&amp;'$title"
NAME = HOSTILE.replace('"', "")  # a name of a field holds no quotation mark


def _read(answer: Answer) -> Page:
    assert (answer.status, answer.header("content-type")) == (200, "text/html; charset=utf-8")
    return Page(answer.body.decode())


def test_the_page_says_what_is_served(app: Starlette, model: Model) -> None:
    """The page names the model, its digest, how many golden rows agree, and when the answer is true."""
    page = _read(ask(app, "GET", "/"))
    assert find_label(model) in page.texts["h2"]
    assert page.texts["title"] == [f"Augury serves {find_label(model)}"]
    facts = dict(zip(page.texts["dt"], page.texts["dd"], strict=True))
    assert facts["digest"] == model.digest
    assert facts["golden rows"] == "all 2 agree, bit for bit"
    assert facts["answers with"] == "churn, true from a probability of 0.5, and churn_probability"


def test_the_page_lists_every_field(app: Starlette, model: Model) -> None:
    """Every field of the contract has its row: its kind, what it takes, and what null and absence mean."""
    page = _read(ask(app, "GET", "/"))
    cells = page.texts["td"]
    rows = {cells[at]: cells[at + 1 : at + 6] for at in range(0, len(cells), 6)}
    assert list(rows) == [field.name for field in model.contract.fields]
    assert rows["customerid"] == ["identifier", "any one value; it is not used", "", "accepted", "accepted"]
    assert rows["gender"] == ["category", "female, male", "refused", "refused", "refused"]
    tenure = ["integer", "0 to 72 in training; 0 to 144 accepted", "noted; further out refused", "refused", "refused"]
    assert rows["tenure"] == tenure
    assert rows["totalcharges"][3] == "filled by the model's rule"
    assert rows["paperlessbilling"] == ["boolean", "true, false", "refused", "refused", "counts as missing"]


def test_the_page_says_how_to_ask(app: Starlette, model: Model) -> None:
    """The curl on the page can be pasted, and the Python runs; both ask this server with a golden record."""
    page = _read(ask(app, "GET", "/", headers={"host": "example.test:8080"}))
    curl, python = page.texts["pre"]
    words = shlex.split(curl)
    assert words[3] == "http://example.test:8080/predict"
    assert model.answer_fast(words[-1].encode())
    posted: list[tuple[str, object]] = []

    class Requests:
        @staticmethod
        def post(url: str, json: object) -> Any:
            posted.append((url, json))
            return type("Response", (), {"json": staticmethod(dict)})

    exec(python.replace("import requests", ""), {"requests": Requests, "print": lambda _: None})
    assert posted == [("http://example.test:8080/predict", dict(model.examples[0]))]


@pytest.mark.parametrize("host", ['evil"><script>', "strange host", "h/../x", "é"])
def test_a_strange_host_is_not_repeated(app: Starlette, host: str) -> None:
    """A Host that is none is not written into the page."""
    answer = ask(app, "GET", "/", headers={"host": host})
    assert "http://localhost:9696/predict" in answer.body.decode()
    assert host.encode() not in answer.body


def test_nothing_else_runs_and_nothing_is_fetched(app: Starlette) -> None:
    """The policy forbids everything but the page's own style, script and icon, and asking this service."""
    answer = ask(app, "GET", "/")
    page = _read(answer)
    [style], [_, script] = page.texts["style"], page.texts["script"]
    assert answer.header("content-security-policy") == (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
    assert answer.header("x-content-type-options") == "nosniff"
    assert [attributes.get("type") for attributes in page.find("script")] == ["application/json", "module"]
    assert all(attributes["href"].startswith("data:") for attributes in page.find("link") if attributes["href"])
    assert {tag for tag, _ in page.tags} & {"img", "iframe", "form", "object", "base"} == set()
    assert [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "src"] == []


def test_every_link_leads_somewhere(app: Starlette) -> None:
    """Each link is relative, so that it holds under a proxy's path, and leads to an answer."""
    links = [attributes["href"] or "" for attributes in _read(ask(app, "GET", "/")).find("a")]
    assert len(links) > 5
    assert all(re.fullmatch(r"[a-z0-9.]+", link) for link in links)
    assert {link: ask(app, "GET", f"/{link}").status for link in links} == dict.fromkeys(links, 200)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def test_the_script_writes_no_markup() -> None:
    """No source of the script has a way by which a text could become markup, or code."""
    sources = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.js"))
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|DOMParser|setHTML|srcdoc"
    assert re.findall(forbidden, sources) == []


def test_every_source_is_served(app: Starlette) -> None:
    """A source that lies in the folder is part of the page."""
    served = ask(app, "GET", "/").body.decode()
    assert [path.name for path in FOLDER.glob("*.js") if path.read_text("utf-8") not in served] == []


def test_the_script_is_told_the_contract(model: Model) -> None:
    """What the page makes its form from is the model's contract, a golden record, and the limits of a request."""
    app = create_app([model], settings=Settings(max_rows=7, max_body=999))
    tried = msgspec.json.decode(_read(ask(app, "GET", "/")).texts["script"][0])
    assert (tried["max_rows"], tried["max_body"]) == (7, 999)
    [told] = tried["models"]
    assert (told["label"], told["path"], told["target"]) == (find_label(model), "predict", "churn")
    assert msgspec.convert(told["contract"], Contract) == model.contract
    assert told["record"] == dict(model.examples[0])


def test_several_models(model: Model) -> None:
    """Each model has its section, the default one first and asked at the bare route."""
    app = create_app([model, make_model("second")], settings=Settings(default="second"))
    page = _read(ask(app, "GET", "/", headers={"host": "h"}))
    assert [text.partition("@")[0] for text in page.texts["h2"][:2]] == ["second", "churn"]
    asked = [shlex.split(text)[3] for text in page.texts["pre"][::2]]
    assert asked == ["http://h/predict", "http://h/models/churn/predict"]
    told = msgspec.json.decode(page.texts["script"][0])["models"]
    assert [each["path"] for each in told] == ["predict", "models/churn/predict"]


def test_hostile_names_are_escaped() -> None:
    """Names and levels from an artifact are text on the page, whatever they hold."""
    contract = Contract(
        fields=(
            IdentifierField(name=f"id{NAME}"),
            CategoryField(name=NAME, levels=(HOSTILE, "</td>")),
            CategoryField(name="many", levels=tuple(range(51))),
            NumberField(name="<b>"),
            NumberField(name="far", seen=Bounds(0.0, 1.0), accepted=Bounds(0.0, 2.0), far="note"),
        )
    )
    predictor = Link(
        (
            Linear(
                (
                    OneHot(Category(NAME), (0, 1)),
                    OneHot(Category("many"), (0,)),
                    Number("<b>"),
                    Number("far"),
                ),
                (0.0,) * 5,
                0.0,
            ),
        )
    )
    record: dict[str, Any] = {NAME: HOSTILE, "many": 1, "<b>": 1.0, "far": 0.5}
    model = make_model_of("hostile", contract, predictor, (Golden(record, 0.0),))
    answer = ask(create_app([model], settings=Settings()), "GET", "/", headers={"host": "h"})
    page = _read(answer)
    assert answer.body.count(b"<script") == 2
    assert "<" not in page.texts["script"][0]
    assert msgspec.json.decode(page.texts["script"][0])["models"][0]["contract"]["fields"][1]["name"] == NAME
    assert page.texts["td"][6] == NAME
    assert page.texts["td"][8] == f"{HOSTILE}, </td>"
    assert [page.texts["td"][at] for at in (14, 20, 26)] == [
        "one of 51 levels",
        "any finite number",
        "0 to 1 in training",
    ]
    assert msgspec.json.decode(shlex.split(page.texts["pre"][0])[-1]) == record
