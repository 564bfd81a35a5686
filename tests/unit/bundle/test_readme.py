"""The bundle's README: what it says of the model is so, whatever the model's names are."""

from __future__ import annotations

import itertools
import json
import shlex

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from augury.api import parse
from augury.bundle.parts import PARTS
from augury.bundle.readme import write_readme
from tests.unit.bundle.deployments import FIELD, LEVEL, NAMES, make_deployment


def read(name: str = "churn", *, is_hostile: bool = False) -> list[Token]:
    """The README of a deployment, as a reader of Markdown sees it."""
    deployment = make_deployment(name, is_hostile=is_hostile)
    text = write_readme(parse(deployment.content, name), deployment, tuple(PARTS)).decode()
    return MarkdownIt("commonmark").enable("table").parse(text)


def find_cells(tokens: list[Token]) -> list[list[Token]]:
    """The cells of all tables, row by row, each as what stands in it."""
    rows: list[list[Token]] = []
    for token, content in itertools.pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "td_open":
            rows[-1].append(content)
    return [row for row in rows if row]


@pytest.mark.parametrize("name", NAMES)
def test_what_it_shows_is_what_is_asked_and_answered(name: str) -> None:
    """The example can be pasted into a shell, is accepted, and is answered as it says."""
    deployment = make_deployment(name)
    fences = [token.content for token in read(name) if token.type == "fence"]
    asked = next(shlex.split(each) for each in fences if each.startswith("curl"))
    told = next(json.loads(each) for each in fences if each.startswith("{"))
    model = parse(deployment.content, name)
    prediction = model.predict_one(json.loads(asked[-1]))
    assert told == {model.target: prediction.label, f"{model.target}_probability": prediction.probability}
    assert f"-t {deployment.slug}-prediction ." in "".join(fences)


def test_hostile_names_stay_in_their_cells() -> None:
    """A field and a level with the signs of every format are code in a cell: no HTML, no link, no cell or row more."""
    tokens = read(is_hostile=True)
    rows = find_cells(tokens)
    assert {len(row) for row in rows} == {2}
    texts = [
        child.content for row in rows for cell in row for child in cell.children or () if child.type == "code_inline"
    ]
    assert [text for text in texts if text.startswith(FIELD[:20])]
    assert [text for text in texts if text.endswith(LEVEL[-3:])]
    assert not [token for token in tokens if token.type in {"html_block", "hr"}]
    assert not [child for token in tokens for child in token.children or () if child.type == "html_inline"]


def test_policies_are_told() -> None:
    """What the contract lets through beside what training had is in the table: README and model say the same."""
    deployment = make_deployment()
    model = parse(deployment.content, "churn")
    told = {row[0].content.strip("`"): row[1].content for row in find_cells(read())}
    features = model.contract.features
    assert [each.name for each in features if ("null, which" in told[each.name]) != (each.null == "impute")] == []
    assert [each.name for each in features if ("nothing at" in told[each.name]) != (each.absent == "optional")] == []
    unseen = {each.name for each in features if getattr(each, "unseen", "refuse") == "note"}
    assert {name for name, text in told.items() if "another level" in text} == unseen
    assert unseen, "the model lets no level through: this would show nothing"
    assert [each for each in features if each.null == "impute"]


def test_every_part_is_told() -> None:
    """What was asked for is in the table of files, with how it is used."""
    told = " ".join(cell.content for row in find_cells(read()) for cell in row)
    assert [name for name, part in PARTS.items() if part.use not in told] == []


def test_figures_are_told_of_where_there_are_some() -> None:
    """The README speaks of an evaluation where the artifact has one, and only there."""
    deployment = make_deployment()
    model = parse(deployment.content, "churn")
    text = write_readme(model, deployment, ()).decode()
    assert ("whoever trained it knows" in text) == (model.document.model.evaluation is None)
