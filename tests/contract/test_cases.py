from collections import Counter
from typing import get_args

import pytest

from augury.contract.check import Checked, find_values
from augury.contract.faults import CODES, Fault
from augury.contract.fields import CategoryField, Contract, Field, check_contract
from augury.contract.values import Value
from augury.contract.wire import RecordDoor, Row
from augury.ir.check import check_predictor
from augury.ir.reference import Reference
from augury.tables.cells import iter_records
from augury.tables.column import code_rows
from augury.tables.table import Table
from tests.contract.cases import DOORS, Case, Outcome, find_differences, read_cases
from tests.doors import keep_cases

CASES = read_cases()
RECORD_DOORS = {name: RecordDoor(named.contract) for name, named in CASES.contracts.items()}
REFERENCES = {name: Reference(named.contract, named.predictor) for name, named in CASES.contracts.items()}

each_case = pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.name)

Answer = Row | tuple[Row | None, Checked]


def _canonical_values(door: RecordDoor, row: Row) -> tuple[Value, ...]:
    """What the fast path read, with every listed spelling of a level replaced by the level."""
    values: list[Value] = []
    for index, field in enumerate(door.contract.features):
        value = getattr(row, f"f{index}")
        is_level = isinstance(field, CategoryField) and isinstance(value, str | int)
        values.append(door.checker.find_level(field, value) if is_level else value)  # type: ignore[arg-type]
    return tuple(values)


def _score(case: Case, answer: Answer, slow: tuple[Row | None, Checked]) -> Outcome:
    """Hold the fast path against the slow one, and score what was let through with the reference."""
    checked = slow[1]
    if isinstance(answer, Row):
        assert checked.faults == (), "the fast path took what the slow path refuses"
        assert checked.notes == (), "the fast path took what the slow path notes"
        assert repr(_canonical_values(RECORD_DOORS[case.contract], answer)) == repr(checked.values)
    else:
        assert answer[1] == checked
    if checked.faults:
        return Outcome(faults=checked.faults, more=checked.more)
    reference = REFERENCES[case.contract]
    values = find_values(CASES.contracts[case.contract].contract, checked)
    try:
        return Outcome(reference.compute_margin(values), reference.compute_probability(values), checked.notes)
    except OverflowError:
        return Outcome(faults=(Fault("overflow", "", "the margin is not finite"),))


@each_case
def test_json_door(case: Case) -> None:
    """A JSON record is answered as the case says, by the fast path and the slow one alike."""
    expected = case.find_expectation("json")
    if expected is None:
        assert case.json.cannot
        return
    door, body = RECORD_DOORS[case.contract], case.find_body()
    assert find_differences(expected, _score(case, door.decode(body), door.decode_slow(body))) == []


@each_case
def test_python_door(case: Case) -> None:
    """A Python record is answered as the case says, by the fast path and the slow one alike."""
    expected = case.find_expectation("python")
    if expected is None:
        assert case.python.cannot
        return
    door, record = RECORD_DOORS[case.contract], case.find_python()
    assert find_differences(expected, _score(case, door.convert(record), door.convert_slow(record))) == []
    keep_cases("record", 1)


@each_case
def test_text_door(case: Case) -> None:
    """A row of a text file is answered as the case says."""
    expected = case.find_expectation("text")
    if expected is None:
        assert case.text.cannot
        return
    door, cells = RECORD_DOORS[case.contract], case.find_cells()
    table = Table(tuple(cells), *code_rows([tuple(cells.values())], tuple(cells)), is_text=True, where="")
    (members,) = iter_records(table, door.checker, range(len(cells)))
    checked = door.checker.check(members)
    row = None if checked.faults else door.make_row(checked.values)
    assert find_differences(expected, _score(case, (row, checked), (row, checked))) == []


@each_case
def test_every_door_has_an_answer(case: Case) -> None:
    """Every case says what each door must answer, or why it cannot be asked; and what is expected is one of the two."""
    for door in DOORS:
        expected, particular = case.find_expectation(door), case.at(door)
        assert (expected is None) == bool(particular.cannot or particular.refused), f"{door} has no answer"
        if expected is not None:
            {
                "json": case.find_body,
                "python": case.find_python,
                "text": case.find_cells,
                "file": case.find_cells,
                "frame": case.find_frame,
            }[door]()
            is_accepted = (expected.margin is not None) or (expected.probability is not None)
            assert is_accepted != bool(expected.faults)
            assert not (expected.faults and expected.notes), "a refused record has faults, not notes"


@pytest.mark.parametrize("name", CASES.contracts)
def test_contracts_are_sound(name: str) -> None:
    """Every contract of the file and its model pass the checks that an artifact's must pass."""
    check_contract(CASES.contracts[name].contract)
    check_predictor(CASES.contracts[name].contract, CASES.contracts[name].predictor)


def test_names_are_unique() -> None:
    """No two cases share a name, and no contract stands there unused."""
    assert [name for name, times in Counter(case.name for case in CASES.cases).items() if times > 1] == []
    assert {case.contract for case in CASES.cases} == set(CASES.contracts)


def test_every_code_is_covered() -> None:
    """Every code of the closed list comes back in at least two cases at the JSON door."""
    times = Counter(
        code
        for case in CASES.cases
        if (expected := case.find_expectation("json"))
        for code in {each.code for each in (*expected.faults, *expected.notes)}
    )
    assert {code: times[code] for code in CODES if times[code] < 2} == {}


def test_every_kind_and_policy_is_covered() -> None:
    """Every kind, and every setting of every policy, is in a contract that at least two cases use."""
    times: Counter[tuple[str, str]] = Counter()
    for case in CASES.cases:
        times.update(_find_settings(CASES.contracts[case.contract].contract))
    wanted = {
        *(("kind", str(kind.__struct_config__.tag)) for kind in get_args(Field)),
        *(("null", setting) for setting in ("refuse", "impute")),
        *(("absent", setting) for setting in ("refuse", "optional")),
        *((policy, setting) for policy in ("near", "far", "unseen", "unknown_key") for setting in ("refuse", "note")),
    }
    assert {setting: times[setting] for setting in wanted if times[setting] < 2} == {}


def _find_settings(contract: Contract) -> set[tuple[str, str]]:
    policies = ("null", "absent", "near", "far", "unseen")
    found = {("kind", str(field.__struct_config__.tag)) for field in contract.fields}
    found |= {(each, getattr(field, each)) for field in contract.fields for each in policies if hasattr(field, each)}
    return found | {("unknown_key", contract.unknown_key)}
