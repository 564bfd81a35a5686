"""The whole file of cases through HTTP."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from augury.artifact.document import Golden
from augury.artifact.golden import draw_golden
from augury.contract.check import RecordChecker, find_values
from augury.contract.faults import CODES, DOUBTFUL, Fault
from augury.errors import ArtifactError
from augury.ir.reference import Reference
from augury.model import Model
from augury.service.app import create_app
from augury.service.settings import Settings
from tests.contract.cases import Case, NamedContract, Outcome, find_differences, read_cases
from tests.doors import keep_cases
from tests.service.asking import Answer, ask
from tests.service.models import make_model_of

CASES = read_cases()
NOTE = re.compile(r'([a-z_]+);at="([^"]*)"')

# What HTTP promises for each code that can refuse a record; `imputed` is only ever a note.
STATUSES = {
    "malformed": 400,
    "encoding": 400,
    "too_deep": 400,
    "not_an_object": 422,
    "duplicate_key": 422,
    "control_character": 422,
    "ambiguous_key": 422,
    "absent": 422,
    "null": 422,
    "type": 422,
    "not_integer": 422,
    "not_finite": 422,
    "level": 422,
    "range": 422,
    "unknown_key": 422,
    "overflow": 422,
}


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _make(name: str, named: NamedContract) -> Model:
    checker, reference = RecordChecker(named.contract), Reference(named.contract, named.predictor)

    def compute_margin(record: dict[str, object]) -> float:
        return reference.compute_margin(find_values(named.contract, checker.check(record.items())))

    try:
        golden = draw_golden(named.contract, None, 0, compute_margin, lambda _: False)
    except ArtifactError:  # a contract made so that every drawn record overflows
        golden = (_find_first_golden(name, compute_margin),)
    return make_model_of(_slug(name), named.contract, named.predictor, golden)


def _find_first_golden(name: str, compute_margin: object) -> Golden:
    accepted = (case for case in CASES.cases if case.contract == name and case.expect and not case.expect.faults)
    record = next(case.record for case in accepted)
    return Golden(record, compute_margin(record))  # type: ignore[operator]


APP = create_app([_make(name, named) for name, named in CASES.contracts.items()], settings=Settings())


def _read_outcome(answer: Answer) -> Outcome:
    if answer.status != 200:
        return Outcome(faults=answer.faults(), more=answer.json().get("more", 0))
    told = answer.json()
    assert list(told)[:2] == ["churn", "churn_probability"]
    doubtful = msgspec.convert(told.get("notes", ()), tuple[Fault, ...])
    return Outcome(probability=told["churn_probability"], notes=doubtful)


@pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.name)
def test_http_door(case: Case) -> None:
    """A record posted alone is answered as the case says, doubtful notes in the answer and the others in a header."""
    expected = case.find_expectation("json")
    if expected is None:
        assert case.json.cannot
        return
    path, body = f"/models/{_slug(case.contract)}/predict", case.find_body()
    if body.startswith(b"[") and {fault.code for fault in expected.faults} == {"not_an_object"}:
        # An array is records here, so that an array is no record is seen where a record should be.
        [row] = ask(APP, "POST", path, b"[" + body + b"]").json()
        assert find_differences(expected, Outcome(faults=msgspec.convert(row["faults"], tuple[Fault, ...]))) == []
        keep_cases("http", 1)
        return
    answer = ask(APP, "POST", path, body)
    told = tuple(note for note in expected.notes if note.code in DOUBTFUL)
    assert find_differences(msgspec.structs.replace(expected, notes=told), _read_outcome(answer)) == []
    others = [(note.code, note.pointer[:63]) for note in expected.notes if note.code not in DOUBTFUL]
    header = answer.header("augury-notes") or ""
    assert [(code, unquote(pointer)[:63]) for code, pointer in NOTE.findall(header)] == others
    if expected.faults:
        assert {answer.status} == {STATUSES[fault.code] for fault in expected.faults}
    keep_cases("http", 1)


@pytest.mark.parametrize("contract", CASES.contracts)
def test_an_array_answers_as_each_alone(contract: str) -> None:
    """The records of a contract in one array get the very bytes or faults that each gets alone."""
    path = f"/models/{_slug(contract)}/predict"
    bodies = [case.find_body() for case in CASES.cases if case.contract == contract and _is_one_value(case)]
    alone = [ask(APP, "POST", path, body) for body in bodies]
    together = ask(APP, "POST", path, b"[" + b",".join(bodies) + b"]")
    assert together.status == 200
    assert together.header("augury-refused") == str(sum(answer.status != 200 for answer in alone))
    for row, answer in zip(together.json(), alone, strict=True):
        if answer.status == 200:
            assert row == answer.json()
        else:
            assert _find_places(row) == _find_places(answer.json())


def _is_one_value(case: Case) -> bool:
    """Whether the body is one JSON text that can stand in an array, and alone is not taken for an array itself."""
    expected = case.find_expectation("json")
    unreadable = {"malformed", "encoding", "too_deep"}
    if expected is None or case.find_body().startswith(b"["):
        return False
    return not unreadable & {fault.code for fault in expected.faults}


def _find_places(refused: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong and where, without what was probably meant: of suggestions a request has a bounded number."""
    return [(fault["code"], fault["pointer"]) for fault in refused["faults"]]


def test_every_code_has_its_status() -> None:
    """The cases reach every code that can refuse a record, so each status above has been seen."""
    expected = (case.find_expectation("json") for case in CASES.cases)
    seen = {fault.code for each in expected if each is not None for fault in each.faults}
    assert seen == set(STATUSES) == set(CODES) - {"imputed"}
