import math
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from augury.contract.fields import (
    BooleanField,
    Bounds,
    CategoryField,
    Contract,
    Field,
    IdentifierField,
    IntegerField,
    NumberField,
)
from augury.contract.jsonschema import make_schema
from augury.contract.wire import RecordDoor, Row
from tests.contract.cases import Case, read_cases

DIGEST = "sha256:0123456789abcdef" + "0" * 48
SEEN, ACCEPTED = Bounds(10, 20), Bounds(0, 30)


def _accepts(contract: Contract, record: object) -> bool:
    return bool(Draft202012Validator(make_schema(contract, "churn", DIGEST)).is_valid(record))


def _accepts_value(field: Field, value: object) -> bool:
    other = NumberField(name="other", absent="optional")
    return _accepts(Contract(fields=(field, other)), {field.name: value})


def test_the_whole_schema() -> None:
    """A schema names its model, its digest, its fields with the levels and their listed spellings, what is required."""
    contract = Contract(
        fields=(
            IdentifierField(name="id", spellings=("ID",)),
            CategoryField(name="plan", levels=("a", "b"), level_spellings={"A": "a"}, null="impute"),
            IntegerField(name="tenure", seen=Bounds(0, 72), accepted=Bounds(0, 144)),
            BooleanField(name="paid", absent="optional"),
        ),
        unknown_key="refuse",
    )
    assert make_schema(contract, "churn", DIGEST, {"plan": "a", "tenure": 1}) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:augury:churn:0123456789ab",
        "title": "A record for churn",
        "type": "object",
        "properties": {
            "id": {
                "title": "id",
                "description": "Also spelt ID.",
                "type": ["string", "number", "boolean", "null"],
                "not": {"type": "string", "pattern": "[\\u0000-\\u001f]"},
            },
            "plan": {"title": "plan", "enum": ["a", "b", "A", None]},
            "tenure": {"title": "tenure", "type": "integer", "minimum": 0, "maximum": 144},
            "paid": {"title": "paid", "type": "boolean"},
        },
        "required": ["plan", "tenure"],
        "propertyNames": {"not": {"type": "string", "pattern": "[\\u0000-\\u001f]"}},
        "additionalProperties": False,
        "examples": [{"plan": "a", "tenure": 1}],
    }


@pytest.mark.parametrize("name", read_cases().contracts)
def test_every_schema_is_a_schema(name: str) -> None:
    """The schema of every contract of the cases is one by the rules of its draft."""
    Draft202012Validator.check_schema(make_schema(read_cases().contracts[name].contract, "churn", DIGEST))


def _is_exactly_spelt(contract: Contract, record: dict[str, Any]) -> bool:
    """Whether every known field has the contract's own name, and no blank text stands for null."""
    checker = RecordDoor(contract).checker
    for key, value in record.items():
        field = checker.find_field(key)
        if field is None:
            continue
        if field.name != key or (isinstance(value, str) and not value.strip()):
            return False
        if isinstance(field, CategoryField) and isinstance(value, str) and field.unseen == "refuse":
            known = value in field.levels or value in field.level_spellings
            if not known and checker.find_level(field, value) is not None:
                return False
    return True


@pytest.mark.parametrize(
    "case",
    [case for case in read_cases().cases if isinstance(case.record, dict) and case.find_expectation("json")],
    ids=lambda case: case.name,
)
def test_the_schema_agrees_with_the_cases(case: Case) -> None:
    """What a contract accepts in exact spelling its schema accepts, and what it refuses there the schema refuses."""
    expected = case.find_expectation("json")
    assert expected is not None
    contract = read_cases().contracts[case.contract].contract
    if {fault.code for fault in expected.faults} <= {"overflow", "ambiguous_key"}:
        assert _accepts(contract, case.record) or not _is_exactly_spelt(contract, case.record)
    elif not any(fault.code == "control_character" for fault in expected.faults):
        assert not _accepts(contract, case.record)


@pytest.mark.parametrize("policies", [{}, {"near": "refuse"}, {"far": "note"}])
@pytest.mark.parametrize("kind", [NumberField, IntegerField])
def test_ranges(kind: type[NumberField] | type[IntegerField], policies: dict[str, Any]) -> None:
    """The limits are those outside which the contract refuses every number."""
    field = kind(name="x", seen=SEEN, accepted=ACCEPTED, **policies)
    door = RecordDoor(Contract(fields=(field,)))
    for number in (-1, 0, 9, 9.9, 10, 15, 20, 21, 30, 31, 30.5, 1e308, 2**53 - 1):
        answer = door.convert({"x": number})
        is_accepted = isinstance(answer, Row) or answer[0] is not None
        assert _accepts_value(field, number) is is_accepted, number


@pytest.mark.parametrize(
    ("value", "accepted"), [(2**53, True), (2**53 + 1, False), (-(2**53), True), (1.5, False), (41.0, True)]
)
def test_integers(value: float, accepted: bool) -> None:
    """An integer without a range is one of magnitude at most 2**53; 41.0 is one."""
    assert _accepts_value(IntegerField(name="x"), value) is accepted


@pytest.mark.parametrize(("key", "accepted"), [("note", True), ("n\x1fote", False), ("\n", False), ("\x7f", True)])
def test_keys_hold_no_control_character(key: str, accepted: bool) -> None:
    """A key that nobody knows is refused where it holds a control character, by the contract and by its schema."""
    contract = Contract(fields=(NumberField(name="x"),))
    answer = RecordDoor(contract).convert({"x": 1.0, key: 2})
    assert (isinstance(answer, Row) or answer[0] is not None) is accepted
    assert _accepts(contract, {"x": 1.0, key: 2}) is accepted


def test_unseen_levels_are_examples() -> None:
    """Where unseen levels are let through the levels are examples, and only the type is required."""
    text = CategoryField(name="x", levels=("a",), unseen="note")
    assert [_accepts_value(text, value) for value in ("a", "zzz", 1, None, "a\n")] == [True, True, False, False, False]
    levels = CategoryField(name="x", levels=(0, 1), unseen="note", null="impute")
    assert [_accepts_value(levels, value) for value in (0, 7, "0", None, True)] == [True, True, False, True, False]


def test_a_schema_is_json() -> None:
    """No schema holds a number that JSON cannot say."""
    for named in read_cases().contracts.values():
        assert all(map(math.isfinite, _iter_numbers(make_schema(named.contract, "churn", DIGEST))))


def _iter_numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for each in value.values() for number in _iter_numbers(each)]
    if isinstance(value, list):
        return [number for each in value for number in _iter_numbers(each)]
    return [value] if isinstance(value, int | float) else []
