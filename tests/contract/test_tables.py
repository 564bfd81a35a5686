"""The file of cases at the doors of tables: a row of a CSV file, and a row of a frame."""

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from augury.contract.check import Checked, find_values
from augury.contract.faults import Fault
from augury.contract.python_record import make_plain
from augury.errors import AuguryError
from augury.ir.reference import Reference
from augury.tables.read import read_table
from augury.tables.rows import check_row, check_table
from augury.tables.table import Table
from tests.contract.cases import Case, Door, Outcome, find_differences, read_cases

CASES = read_cases()
REFERENCES = {name: Reference(named.contract, named.predictor) for name, named in CASES.contracts.items()}

each_case = pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.name)


def _score(case: Case, table: Table) -> Outcome:
    """Check the row among its columns and by itself, which must agree, and score it with the reference."""
    contract = CASES.contracts[case.contract].contract
    rows = check_table(contract, table, table.columns)
    checked = check_row(contract, table, 0, table.columns)
    assert rows.row_count + rows.refused == table.row_count == 1
    assert {(tally.field, tally.code) for tally in rows.notes} == _find_causes(checked)[0]
    assert {(tally.field, tally.code) for tally in rows.refusals} >= _find_causes(checked)[1]
    assert bool(rows.refused) == bool(checked.faults)
    if checked.faults:
        return Outcome(faults=checked.faults, more=checked.more)
    (values,) = rows.iter_records()
    assert repr(values) == repr(find_values(contract, checked))
    reference = REFERENCES[case.contract]
    try:
        return Outcome(reference.compute_margin(values), reference.compute_probability(values), checked.notes)
    except OverflowError:
        return Outcome(faults=(Fault("overflow", "", "the margin is not finite"),))


def _find_causes(checked: Checked) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    notes = set() if checked.faults else {(note.field, note.code) for note in checked.notes}
    return notes, {(fault.field, fault.code) for fault in checked.faults}


def _hold(case: Case, door: Door, source: Any) -> None:
    particular, expected = case.at(door), case.find_expectation(door)
    if particular.refused is not None:
        contract = CASES.contracts[case.contract].contract
        with pytest.raises(AuguryError, match=particular.refused):
            check_table(contract, read_table(source))
        return
    assert expected is not None
    assert find_differences(expected, _score(case, read_table(source))) == []


@each_case
def test_file_door(case: Case, tmp_path: Path) -> None:
    """A row of a CSV file is answered as the case says, column by column and by itself alike."""
    if case.at("file").cannot:
        return
    cells = case.find_cells()
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(cells), list(cells.values())])
    _hold(case, "file", path)


@each_case
def test_frame_door(case: Case) -> None:
    """A row of a pandas frame of objects is answered as the case says, and so is a list of one dict of scalars."""
    if case.at("frame").cannot:
        return
    record = case.find_frame()
    _hold(case, "frame", pd.DataFrame({key: pd.Series([value], dtype=object) for key, value in record.items()}))
    if record and all(isinstance(key, str) for key in record) and not any(map(_is_nested, record.values())):
        _hold(case, "frame", [record])


def _is_nested(value: Any) -> bool:
    """Tell what a list of dicts is refused for as a whole, where a frame has a column of it."""
    return isinstance(make_plain(value), list | dict)


@pytest.mark.parametrize("name", sorted({case.contract for case in CASES.cases}))
def test_polars_frame_door(name: str) -> None:
    """Every row of a contract that Polars can hold in typed columns is answered as the frame door's is."""
    asked = 0
    for case in CASES.cases:
        if case.contract == name and case.at("frame").cannot is None and case.at("frame").refused is None:
            record = case.find_frame()
            if record and all(map(_is_typed, record.values())):
                _hold(case, "frame", pl.DataFrame({key: [value] for key, value in record.items()}, strict=False))
                asked += 1
    assert asked or name == "twins", "no case of the contract can be asked"


def _is_typed(value: Any) -> bool:
    is_long = type(value) is int and not -(2**63) <= value < 2**63
    return type(value) in {str, bool, int, float, type(None)} and not is_long
