"""The real table for engines, as it is and with faults at known places, and what its record says of each row."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from augury.api import load_bundled
from augury.artifact.document import ModelBody
from augury.ir.nodes import Link
from augury.sql.layout import Kind, Layout, SourceColumn
from tests.sql.lawful import Row, ask_law
from tests.sql.tables_of_cases import Asked

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


@cache
def find_law(path: Path) -> list[Asked]:
    """Find what the law says of each customer, as the file has him, by the model that comes with Augury."""
    names, rows = _read(path)
    layout = Layout(tuple(SourceColumn(name, "text") for name in names), is_text=True)
    return ask_law(load_bundled().document.model, layout, rows)


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
