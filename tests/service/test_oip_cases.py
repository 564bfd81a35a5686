"""The file of cases through tensors: what a record's own door says to a value, this one says to the cell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from augury.contract.check import RecordChecker
from tests.contract.cases import PROBABILITY_TOLERANCE, Case
from tests.service.asking import Answer, ask
from tests.service.tensors import find_datatype, infer, read_outputs
from tests.service.test_cases import APP, CASES, _slug


def read_record(case: Case) -> dict[str, Any] | None:
    """The members of a case's body; None where it is no object of scalars, or a key stands twice in it."""
    twins: list[str] = []

    def pair(members: list[tuple[str, Any]]) -> dict[str, Any]:
        twins.extend(key for key, _ in members if sum(key == other for other, _ in members) > 1)
        return dict(members)

    try:
        record = json.loads(case.find_body().decode(), object_pairs_hook=pair)
    except (ValueError, RecursionError):
        return None
    is_flat = isinstance(record, dict) and all(not isinstance(value, dict | list) for value in record.values())
    return record if is_flat and record and not twins else None


SCALARS = [
    (case, record)
    for case in CASES.cases
    if case.find_expectation("json") is not None and (record := read_record(case)) is not None
]


def ask_tensors(case: Case, record: dict[str, Any]) -> Answer:
    """Ask a record as tensors, each of the datatype that its value has."""
    path = f"/v2/models/{_slug(case.contract)}"
    described = {each["name"]: each["datatype"] for each in ask(APP, "GET", path).json()["inputs"]}
    inputs = [
        {"name": key, "shape": [1], "datatype": choose(value, described.get(key, "BYTES")), "data": [value]}
        for key, value in record.items()
    ]
    return infer(APP, {"inputs": inputs}, f"{path}/infer")


def choose(value: object, described: str) -> str:
    """The datatype of a value; null is of any, and an integer beyond 64 bits is a float."""
    if value is None:
        return described
    return "FP64" if isinstance(value, int) and abs(value) >= 2**63 else find_datatype(value)


@pytest.mark.parametrize(("case", "record"), SCALARS, ids=lambda value: getattr(value, "name", ""))
def test_a_case_in_tensors(case: Case, record: dict[str, Any]) -> None:
    """A record of scalars is answered as by the record's own door; keys that are no input are refused here."""
    expected = case.find_expectation("json")
    assert expected is not None
    answer = ask_tensors(case, record)
    find_field = RecordChecker(CASES.contracts[case.contract].contract).find_field
    if any(find_field(key) is None for key in record):
        assert {"unknown_key", "encoding"} & {fault.code for fault in answer.faults()}
    elif answer.status == 200:
        outputs = read_outputs(answer)
        probability = expected.find_probability()
        assert probability is not None
        assert abs(outputs["churn_probability"][0] - probability) <= PROBABILITY_TOLERANCE
        [text] = outputs["churn_notes"]
        assert [note["code"] for note in json.loads(text or "[]")] == [note.code for note in expected.notes]
    elif any(fault.pointer.endswith("/datatype") for fault in answer.faults()):
        # A text where a number belongs: the record's own door refuses it as well, or reads a blank one as null.
        assert {fault.code for fault in answer.faults()} <= {fault.code for fault in expected.faults} | {"type"}
    else:
        codes = {fault.code for fault in answer.faults()}
        assert codes
        assert codes <= {fault.code for fault in expected.faults}


def test_that_there_are_cases() -> None:
    """Most of the file can be said in tensors, of accepted records and of refused ones."""
    accepted = [case for case, _ in SCALARS if not case.find_expectation("json").faults]  # type: ignore[union-attr]
    assert len(accepted) > 50
    assert len(SCALARS) - len(accepted) > 50
