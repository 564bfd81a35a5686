from __future__ import annotations

import runpy

import pytest

import augury
from augury.contract import fields
from augury.contract.faults import CODES
from augury.frontends.registry import CLASSIFIERS, TRANSFORMERS
from augury.model import Model
from augury.service.app import create_app
from augury.service.problems import KINDS
from augury.service.settings import Settings
from tests.docs.pages import DOCS
from tests.service.models import make_model

# The words of the house, of which each has one meaning.
WORDS = (
    "Field Level Term Bin Margin Probability Label Threshold Decision Calibration Artifact Digest Target Parity "
    "Reference Window Drift Profile Contract Fault Note Reject Problem Door"
)


def read(name: str) -> str:
    """Read a page of the reference."""
    return (DOCS / "reference" / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("page", ["bundle", "faults", "estimators", "metrics", "parity", "sql"])
def test_a_generated_page_is_current(page: str) -> None:
    """The page is what its generator would write."""
    generator = runpy.run_path(str(DOCS / f"generate_{page}.py"))
    assert generator["PAGE"].read_text("utf-8") == generator["generate"]()


def test_every_code_is_on_the_page_of_faults() -> None:
    """Each code of the closed list has a row."""
    assert [code for code in CODES if f"\n| `{code}` | " not in read("faults")] == []


def test_every_estimator_is_on_its_page() -> None:
    """Each class that is read has a row."""
    names = [dotted.rpartition(".")[2] for dotted in (*CLASSIFIERS, *TRANSFORMERS)]
    assert [name for name in names if f"\n| `{name}` | " not in read("estimators")] == []


def test_every_route_and_problem_is_on_the_page_of_http() -> None:
    """Each route has a row with its method, and each kind of problem one with its status."""
    page = read("http")
    app = create_app([make_model()], settings=Settings())
    routes = [(route.path, next(iter(route.methods - {"HEAD"}))) for route in app.routes]  # type: ignore[attr-defined]
    assert routes
    assert [path for path, method in routes if f"\n| `{method} {path}` | " not in page] == []
    assert [kind for kind, (status, _) in KINDS.items() if f"\n| `{kind}` | {status}" not in page] == []


def test_the_limits_on_the_page_of_http_are_the_settings() -> None:
    """The limits are those that the service has unless it is told otherwise."""
    page, settings = read("http"), Settings()
    assert f"| the body of an array | {settings.max_body >> 20} MiB |" in page
    assert f"| one record, or one line of a stream | {settings.max_record >> 20} MiB |" in page
    assert f"| records of an array | {settings.max_rows:,} |" in page
    assert f"| the request line | {settings.max_target >> 10} KiB |" in page
    assert f"| the head | {settings.max_head >> 10} KiB |" in page
    assert f"| header fields | {settings.max_fields} |" in page
    assert f"from its first byte | {settings.head_seconds:g} s |" in page
    assert f"each line's | {settings.body_seconds:g} s |" in page
    assert f"| a connection between requests | {settings.idle_seconds:g} s |" in page
    assert f"| connections of one worker | {settings.max_connections:,} |" in page


def test_every_name_of_the_front_door_is_on_the_page_of_python() -> None:
    """Each public name is defined, and each public member of Model has a row."""
    page = read("python")
    assert [name for name in augury.__all__ if f"\n`augury.{name}" not in page] == []
    members = page.partition("## Model")[2]
    public = [name for name in vars(Model) if not name.startswith("_")]
    assert [name for name in public if f"`{name}" not in members] == []


def test_every_kind_and_member_is_on_the_page_of_the_contract() -> None:
    """Each kind of field and each member that one may have is explained."""
    page = read("contract")
    kinds = (
        fields.NumberField,
        fields.IntegerField,
        fields.BooleanField,
        fields.CategoryField,
        fields.IdentifierField,
    )
    told = {str(kind.__struct_config__.tag) for kind in kinds} | {
        name for kind in kinds for name in kind.__struct_fields__
    }
    assert [name for name in sorted(told) if f"\n| `{name}` | " not in page] == []


def test_every_word_of_the_house_is_in_the_glossary() -> None:
    """Each word is defined once."""
    page = read("glossary")
    assert [word for word in WORDS.split() if page.count(f"\n{word}\n: ") != 1] == []
