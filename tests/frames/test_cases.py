"""The file of cases through ``Model.predict``: each of its rows in a frame of each kind, as many at once as fit."""

import csv
import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from augury.contract.fold import has_lone_surrogate
from augury.ir.link import sigmoid
from tests.contract.cases import Case, Finding
from tests.contract.models import make_model
from tests.doors import keep_cases
from tests.sql.tables_of_cases import CASES, Asked, CaseTable, Found, iter_tables

# Answers as rows: probability, label, faults, notes.
Row = tuple[float | None, bool | None, str | None, str | None]


def make_pandas(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Make a frame whose columns hold objects."""
    columns = zip(*rows, strict=True)
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in zip(names, columns, strict=True)})


def make_polars(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Make a frame whose columns have types."""
    columns = zip(*rows, strict=True)
    return pl.DataFrame([pl.Series(name, flatten(cells)) for name, cells in zip(names, columns, strict=True)])


def make_arrow(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Make a table whose columns have types."""
    return pa.table([pa.array(flatten(cells)) for cells in zip(*rows, strict=True)], names=list(names))


def flatten(cells: Sequence[Any]) -> list[Any]:
    """Make every nested cell an empty list: in a column with a type no two differ in theirs."""
    return [[] if isinstance(cell, list | dict | tuple | set) else cell for cell in cells]


def make_records(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Make a list of dicts."""
    return [dict(zip(names, row, strict=True)) for row in rows]


MAKERS: dict[str, Callable[[Sequence[str], Sequence[Sequence[Any]]], Any]] = {
    "pandas": make_pandas,
    "polars": make_polars,
    "arrow": make_arrow,
    "duckdb": lambda names, rows: duckdb.from_arrow(make_arrow(names, rows)),
    "dicts": make_records,
}


# All become columns of Arrow, and pandas is asked every table. A statement for one row takes as long as for a hundred:
# the other kinds leave the smallest tables, which are there for the columns that they have or lack, to `make soak`.
FEWEST_ROWS = {"arrow": 2, "polars": 3, "duckdb": 3, "dicts": 3, "path": 5}


def list_rows(answers: Any) -> list[Row]:
    """List the answers of any kind of frame as rows."""
    if isinstance(answers, pd.DataFrame):
        outcomes = answers[["churn_probability", "churn", "faults", "notes"]]
        answers = outcomes.astype(object).where(outcomes.notna(), None).to_dict("records")
    elif not isinstance(answers, list):
        answers = answers.to_arrow_table() if isinstance(answers, duckdb.DuckDBPyRelation) else answers
        answers = answers.to_dicts() if isinstance(answers, pl.DataFrame) else answers.to_pylist()
    return [(each["churn_probability"], each["churn"], each["faults"], each["notes"]) for each in answers]


def can_hold(kind: str, cell: Any) -> bool:
    """Tell whether a column of a kind of frame holds a cell, so that the other rows stand in the same column."""
    is_long = type(cell) is int and not -(2**63) <= cell < 2**63
    return not (isinstance(cell, str) and has_lone_surrogate(cell)) and (kind in {"pandas", "dicts"} or not is_long)


def iter_asked(kind: str) -> Iterator[tuple[CaseTable, list[Asked]]]:
    """Yield the tables with columns, and their rows that this kind of frame holds."""
    for table in iter_tables("frame", FEWEST_ROWS.get(kind, 1)):
        rows = [row for row in table.rows if all(can_hold(kind, cell) for cell in row.cells)]
        if rows and table.layout.columns:
            yield table, rows


@pytest.mark.parametrize("kind", MAKERS)
def test_every_case_is_answered_as_it_says(kind: str) -> None:
    """Each row has the probability of its case within the bound, or its codes and fields in their order."""
    wrong: list[str] = []
    asked = 0
    for table, rows in iter_asked(kind):
        names = [column.name for column in table.layout.columns]
        frame = MAKERS[kind](names, [row.cells for row in rows])
        answers = list_rows(make_model(table.contract).predict(frame, notes=True))
        assert len(answers) == len(rows)
        asked += len(rows)
        wrong += [
            f"{row.name}: {each}" for row, answer in zip(rows, answers, strict=True) for each in hold(row, answer)
        ]
    assert not wrong, "\n".join(wrong)
    assert asked > 300
    keep_cases({"duckdb": "relation"}.get(kind, kind), asked)


def test_every_case_in_a_file_is_answered_as_it_says(tmp_path: Path) -> None:
    """A path of a file of texts is answered as the file of cases says."""
    wrong: list[str] = []
    asked = 0
    for number, table in enumerate(iter_tables("file", FEWEST_ROWS["path"])):
        names = [column.name for column in table.layout.columns]
        path = tmp_path / f"{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *(row.cells for row in table.rows)])
        answers = list_rows(make_model(table.contract).predict(path, notes=True))
        asked += len(table.rows)
        for row, answer in zip(table.rows, answers, strict=True):
            wrong += [f"{row.name}: {each}" for each in hold(row, answer)]
    assert not wrong, "\n".join(wrong)
    assert asked > 300
    keep_cases("path", asked)


def hold(row: Asked, answer: Row) -> Iterator[str]:
    """Say in what an answer is not what its case says."""
    probability, label, faults, notes = answer
    yield from hold_findings(row.faults, faults)
    yield from hold_findings(row.notes, notes)
    yield from hold_number(row, probability, label)


def hold_number(row: Asked, probability: float | None, label: bool | None) -> Iterator[str]:
    """Say in what a probability and its label are not those of a case."""
    expected = None if row.margin is None else sigmoid(row.margin)
    if expected is None or probability is None:
        if probability is not expected:
            yield f"probability {probability} instead of {expected}"
    # A probability moves a quarter as far as its margin, at most, and is rounded a few times.
    elif abs(probability - expected) > row.bound / 4 + expected * 2**-48:
        yield f"probability {probability!r} instead of {expected!r}"
    if label is not (None if probability is None else probability >= 0.5):
        yield f"label {label!r} of probability {probability!r}"


def hold_findings(expected: Sequence[Found], listed: str | None) -> Iterator[str]:
    """Say whether codes and fields, as JSON, are not those expected; an answer lists all, a case the first twenty."""
    told = [(each["code"], each["field"]) for each in json.loads(listed or "[]")]
    if told[:20] != list(expected) or listed == "[]":
        yield f"{listed} instead of {expected}"


# --- columns of objects of several types, in which each cell is what it is, as in a record of Python


def iter_mixed() -> Iterator[tuple[str, tuple[str, ...], list[Case]]]:
    """Yield the cases of one contract whose records of Python have the same keys."""
    tables: dict[tuple[str, tuple[str, ...]], list[Case]] = {}
    for case in CASES.cases:
        record = None if case.find_expectation("python") is None else case.find_python()
        if type(record) is dict and record and all(map(can_name, record)):
            tables.setdefault((case.contract, tuple(record)), []).append(case)
    for (contract, names), cases in tables.items():
        yield contract, names, cases


def can_name(key: Any) -> bool:
    """Tell whether a key can be the name of a column."""
    return isinstance(key, str) and bool(key.strip()) and key.isprintable() and not has_lone_surrogate(key)


def is_of_row(case: Case) -> bool:
    """Tell whether a case is about a row, not a table, what is no field, or how numbers are summed."""
    expected = case.find_expectation("python")
    assert expected is not None
    of_row = (fault.code == "overflow" or (fault.field and fault.code != "ambiguous_key") for fault in expected.faults)
    return all(of_row) and case.contract != "sum"


def test_a_cell_of_a_mixed_column_is_what_it_is_in_a_record() -> None:
    """Where texts and numbers share a column of objects, each row is answered as the record of Python is."""
    wrong: list[str] = []
    asked = 0
    for contract, names, cases in iter_mixed():
        kept = [case for case in cases if is_of_row(case)]
        twins = len({name.lower() for name in names}) < len(names)
        # A statement for one or two rows takes as long as for a hundred, and their like stands in other tables.
        if twins or len(kept) < 3:
            continue
        # Two rows more, so that no column is all of one type.
        rows = [*(tuple(case.find_python().values()) for case in kept), ("text",) * len(names), (True,) * len(names)]
        answers = list_rows(make_model(contract).predict(make_pandas(names, rows), notes=True))
        asked += len(kept)
        for case, answer in zip(kept, answers, strict=False):
            wrong += [f"{case.name}: {difference}" for difference in hold_case(case, answer)]
    assert not wrong, "\n".join(wrong)
    assert asked > 300
    keep_cases("pandas", asked)


def hold_case(case: Case, answer: Row) -> Iterator[str]:
    """Say in what an answer is not what its case says, but for the last bits of a sum."""
    expected = case.find_expectation("python")
    assert expected is not None
    probability, _, faults, notes = answer
    yield from hold_findings(find_named(expected.faults), faults)
    yield from hold_findings(find_named(expected.notes), notes)
    wanted = expected.find_probability()
    if (wanted is None) != (probability is None) or not math.isclose(probability or 0, wanted or 0, rel_tol=1e-9):
        yield f"probability {probability} instead of {wanted}"


def find_named(findings: Sequence[Finding]) -> list[Found]:
    """Find the codes with their fields; a column that spells none is not looked at."""
    return [(each.code, each.field) for each in findings if each.field or each.code == "overflow"]
