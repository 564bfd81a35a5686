"""The real table for engines, as it is and with faults at known places, and what its record says of each row."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from augury.artifact.document import ModelBody
from augury.contract.check import RecordChecker, find_values
from augury.contract.python_record import make_plain
from augury.ir.link import sigmoid
from augury.ir.nodes import Link
from augury.ir.reference import Reference
from augury.sql.layout import Kind, Layout, SourceColumn, find_columns
from augury.statement import Wanted, write_statement
from augury.tables.cells import iter_records
from augury.tables.column import code_rows
from augury.tables.table import Table
from augury.targets.parity import find_bound
from tests.sql.holding import Engine, find_differences
from tests.sql.tables_of_cases import Asked

Row = tuple[Any, ...]

KINDS: dict[str, Kind] = {
    "SeniorCitizen": "integer",
    "tenure": "integer",
    "MonthlyCharges": "float",
    "TotalCharges": "float",
}
# Cells that take the place of those that the table has, by column: of a file of texts, of columns with types, and of
# columns whose cells have types of their own. Some are right, and spelt in another way.
_IN_FILES: dict[str, Sequence[Any]] = {
    "customerID": ("", "\x01", "x\x1f", "7"),
    "Contract": ("Three year", "", " ", "ONE-YEAR", "two year ", "a\x1fb", "1"),
    "gender": ("FEMALE", "femalé", "F", "\t"),
    "PaymentMethod": ("credit card (automatic)", "Credit_Card_(Automatic)", "cash", "'"),
    "SeniorCitizen": ("2", "1.0", "0e9", "yes", "", "-0", "0.5"),
    "tenure": ("12.5", "100", "200", "-1", "9007199254740993", "1e1", "twelve", "", "1e400", " 7\t", "144.0"),
    "MonthlyCharges": ("150", "500", "-0.01", "nan", "inf", "1e400", "-1e400", "5e-324", "", "2,5", "219.05", "18.25"),
    "TotalCharges": ("", " \t", "9000", "20000", "-1", "1.2.3", "1e-400", "\v"),
}
_IN_TYPED_COLUMNS: dict[str, Sequence[Any]] = {
    "customerID": (None, "\x01", ""),
    "Contract": ("Three year", "", " ", None, "ONE-YEAR", "two year ", "a\x1fb"),
    "gender": ("FEMALE", "femalé", None),
    "SeniorCitizen": (2, None, -1, 1),
    "tenure": (100, 200, -1, 2**53 + 1, None, 144, 145, 72, 73),
    "MonthlyCharges": (
        150.0,
        500.0,
        -0.01,
        math.nan,
        math.inf,
        -math.inf,
        5e-324,
        None,
        219.05,
        -0.0,
        18.249999999999996,
    ),
    "TotalCharges": (None, math.nan, 9000.0, 20000.0, -5e-324, math.inf, 8684.800000000001),
}
_IN_DYNAMIC_COLUMNS: dict[str, Sequence[Any]] = {
    "customerID": (7, 1.5, True, [], None),
    "Contract": ("Three year", 1, True, [], None, "", "ONE-YEAR"),
    "SeniorCitizen": (2, "1", True, False, 0.0, 1.0, 1.5, None),
    "tenure": ("12", 12.0, 12.5, True, None, [], "", 200, 2**53 + 1, 100),
    "MonthlyCharges": ("29.85", 29, True, {"a": 1}, None, 500.0, 150),
    "TotalCharges": ("", " ", "9", None, True, 9000, 20000),
}
_OVERFLOWING: dict[str, Sequence[Any]] = {
    "MonthlyCharges": (1e308, -1e308, 1.7e308, 1e300, 5e-324, math.inf),
    "TotalCharges": (1e308, -1e308, 1.7976931348623157e308, 1e299, None),
}
# Where a fault is put: as many rows apart, from the third on.
_STEP = 61


def read_file(path: Path) -> tuple[Layout, list[Row]]:
    """Read the table as the texts that it is, with faults."""
    names, rows = _read(path)
    layout = Layout(tuple(SourceColumn(name, "text") for name in names), is_text=True)
    return layout, _spoil(layout, rows, _IN_FILES)


def read_typed(path: Path) -> tuple[Layout, list[Row]]:
    """Read the table into columns with types, with faults."""
    layout, rows = _read_typed(path)
    return layout, _spoil(layout, rows, _IN_TYPED_COLUMNS)


def read_dynamic(path: Path) -> tuple[Layout, list[Row]]:
    """Read the table into columns whose cells have types of their own, with faults."""
    typed, rows = _read_typed(path)
    layout = Layout(tuple(SourceColumn(column.name, "dynamic") for column in typed.columns))
    return layout, _spoil(layout, rows, _IN_DYNAMIC_COLUMNS)


def read_overflowing(path: Path) -> tuple[Layout, list[Row]]:
    """Read some rows of the table into columns with types, with numbers that are too large for a model."""
    layout, rows = _read_typed(path)
    return layout, _spoil(layout, rows[: _STEP * 12], _OVERFLOWING)


def unbind(body: ModelBody) -> ModelBody:
    """Take the ranges out of a model, and make its weights so large that it may be beyond a double."""
    fields = tuple(
        msgspec.structs.replace(field, seen=None, accepted=None) if hasattr(field, "seen") else field
        for field in body.contract.fields
    )
    (linear,) = body.predictor.margins
    larger = msgspec.structs.replace(linear, weights=tuple(weight * 1e4 for weight in linear.weights))
    contract = msgspec.structs.replace(body.contract, fields=fields)
    return msgspec.structs.replace(body, contract=contract, predictor=Link((larger,)))


def hold_rows(engine: Engine, body: ModelBody, layout: Layout, rows: Sequence[Row]) -> tuple[list[str], list[Asked]]:
    """Score what an engine can hold, and say where it does not answer as the record of the row is answered."""
    kinds = [column.kind for column in layout.columns]
    asked = _ask_law(body, layout, [row for row in rows if all(map(engine.can_hold, row, kinds))])
    source = engine.create("customers", layout, [each.cells for each in asked])
    bound, problems = find_columns(body.contract, layout, {})
    assert problems == []
    wanted = Wanted(keep=("row",), notes=True)
    answers = sorted(
        engine.ask(write_statement(body, bound, dialect=engine.dialect, source=source, wanted=wanted)),
        key=lambda answer: answer[0],
    )
    wrong: list[str] = []
    for each, answer in zip(asked, answers, strict=True):
        wrong += [f"{each.name}: {difference}" for difference in find_differences(each, answer)]
        if each.margin is not None and bool(answer[2]) != (sigmoid(each.margin) >= body.decision.threshold):
            wrong.append(f"{each.name}: decided {answer[2]}")
    return wrong, asked


def _ask_law(body: ModelBody, layout: Layout, rows: Sequence[Row]) -> list[Asked]:
    """Ask the record checker and the law about each row."""
    checker, reference = RecordChecker(body.contract), Reference(body.contract, body.predictor)
    intercept = body.predictor.margins[0].intercept
    asked: list[Asked] = []
    for number, (row, members) in enumerate(zip(rows, _make_records(checker, layout, rows), strict=True)):
        checked = checker.check(members)
        faults = tuple((fault.code, fault.field) for fault in checked.faults)
        # A column that is no field is not looked at.
        notes = tuple((note.code, note.field) for note in checked.notes if note.field)
        margin, bound = None, 0.0
        if not faults:
            values = find_values(body.contract, checked)
            products = reference.compute_products(values)
            try:
                margin, bound = reference.compute_margin(values), find_bound(intercept, products)
            except OverflowError:
                faults, notes = (("overflow", ""),), ()
        asked.append(Asked(f"row {number}", row, faults, () if faults else notes, margin, bound))
    return asked


def _make_records(checker: RecordChecker, layout: Layout, rows: Sequence[Row]) -> list[list[tuple[str, Any]]]:
    names = [column.name for column in layout.columns]
    plain = [tuple(map(make_plain, row)) for row in rows]
    if any(column.kind == "dynamic" for column in layout.columns):
        return [list(zip(names, row, strict=True)) for row in plain]
    coded, count = code_rows(plain, tuple(names))
    return list(iter_records(Table(tuple(names), coded, count, layout.is_text, ""), checker, range(len(names))))


def _read(path: Path) -> tuple[list[str], list[Row]]:
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    return names, [tuple(row) for row in rows]


def _read_typed(path: Path) -> tuple[Layout, list[Row]]:
    names, rows = _read(path)
    layout = Layout(tuple(SourceColumn(name, KINDS.get(name, "text")) for name in names))
    makers = {"text": str, "integer": int, "float": lambda cell: float(cell) if cell.strip() else None}
    made = [makers[column.kind] for column in layout.columns]
    return layout, [tuple(make(cell) for make, cell in zip(made, row, strict=True)) for row in rows]


def _spoil(layout: Layout, rows: Sequence[Row], cells: dict[str, Sequence[Any]]) -> list[Row]:
    """Put each cell into a row of its own, as many apart; the rows between stay as they are."""
    spoilt = list(rows)
    names = [column.name for column in layout.columns]
    put = [(names.index(name), cell) for name, each in cells.items() for cell in each]
    for number, (index, cell) in enumerate(put):
        place = 3 + number * _STEP
        spoilt[place] = (*spoilt[place][:index], cell, *spoilt[place][index + 1 :])
    return spoilt
