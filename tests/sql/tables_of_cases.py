"""The file of cases as tables: all rows that have the same columns stand in one, so that an engine is asked once."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from augury.contract.check import RecordChecker, find_values
from augury.contract.fields import Contract
from augury.contract.fold import has_lone_surrogate
from augury.contract.python_record import make_plain
from augury.contract.values import Foreign, Unreadable
from augury.errors import TableError
from augury.ir.reference import Reference
from augury.sql.layout import Kind, Layout, SourceColumn, find_columns
from augury.tables.cells import iter_records
from augury.tables.column import code_rows
from augury.tables.table import Table, check_header
from augury.targets.parity import find_bound
from tests.conftest import SOAK
from tests.contract.cases import Case, Door, Expectation, Finding, read_cases

CASES = read_cases()

# A code and the field that it is of, as a statement tells them.
Found = tuple[str, str]


class Asked(Struct, frozen=True):
    """A case as a row: its cells, what must be found, and the margin with how far off it may be."""

    name: str
    cells: tuple[Any, ...]
    faults: tuple[Found, ...]
    notes: tuple[Found, ...]
    margin: float | None
    bound: float


class CaseTable(Struct, frozen=True):
    """Rows of one contract with the same columns."""

    contract: str
    layout: Layout
    rows: list[Asked]


def iter_tables(door: Door, fewest: int = 1) -> Iterator[CaseTable]:
    """Yield the tables of a door: files of texts, typed columns, or columns whose cells have types of their own.

    A statement for one row takes as long as for a hundred: tables with fewer rows than asked for are left to ``soak``.
    """
    tables: dict[tuple[str, tuple[SourceColumn, ...]], CaseTable] = {}
    for case in CASES.cases:
        asked = _ask(case, door)
        if asked is not None:
            layout, row = asked
            key = (case.contract, layout.columns)
            tables.setdefault(key, CaseTable(case.contract, layout, [])).rows.append(row)
    yield from (table for table in tables.values() if SOAK or len(table.rows) >= fewest)


def _ask(case: Case, door: Door) -> tuple[Layout, Asked] | None:
    """Make a case a row; None where no table can be it, or the table is refused as a whole."""
    expected = case.find_expectation(door)
    record = None if expected is None else _find_record(case, door)
    if expected is None or record is None:
        return None
    contract = CASES.contracts[case.contract].contract
    cells = {key: value if door == "file" else make_cell(value) for key, value in record.items()}
    one: dict[str, Kind] = {"file": "text", "json": "dynamic"}
    if any(isinstance(cell, Unreadable) for cell in cells.values()):
        return None
    # A column of nothing but nulls has some type in a table; in a file it is one of texts.
    kinds = {key: one.get(door) or find_kind(value) or "text" for key, value in cells.items()}
    layout = Layout(tuple(SourceColumn(key, kind) for key, kind in kinds.items()), is_text=door == "file")
    if not _can_be_table(contract, layout, expected):
        return None
    # The columns of a table that spell no field are not looked at.
    faults, notes = _find(expected.faults), _find(expected.notes)
    margin, bound = (None, 0.0) if faults else _score(case.contract, cells, layout)
    return layout, Asked(case.name, tuple(cells.values()), faults, notes if not expected.faults else (), margin, bound)


def _find_record(case: Case, door: Door) -> dict[str, Any] | None:
    """Find the row of a case by its keys; None where it is none."""
    record: Any
    if door != "json":
        record = case.find_cells() if door == "file" else case.find_frame()
        return record if all(isinstance(key, str) for key in record) else None
    try:
        pairs = json.loads(case.find_body(), object_pairs_hook=lambda pairs: pairs, parse_constant=_refuse)
    except ValueError:
        return None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return None
    record = dict(pairs)
    return record if len(record) == len(pairs) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _can_be_table(contract: Contract, layout: Layout, expected: Expectation) -> bool:
    names = [column.name for column in layout.columns]
    of_body = {"malformed", "encoding", "too_deep", "not_an_object", "duplicate_key"}
    if any(map(has_lone_surrogate, names)) or any(fault.code in of_body for fault in expected.faults):
        return False
    try:
        check_header([*names, "row"], "the case")
    except TableError:
        return False
    problems = find_columns(contract, layout, {})[1]
    assert bool(problems) == any(fault.code == "ambiguous_key" for fault in expected.faults), problems
    return not problems


def make_cell(value: Any) -> Any:
    """Make a value of a frame what a typed column may hold: a NumPy scalar becomes Python's; NaN stays."""
    plain = make_plain(value)
    if plain is None and isinstance(value, float):
        return float(value)
    return dt.date(2026, 1, 31) if isinstance(plain, Foreign) else plain


def find_kind(value: Any) -> Kind | None:
    """Find the kind of the column that holds a value; None for null, which any does."""
    if value is None:
        return None
    kinds: dict[type, Kind] = {str: "text", bool: "boolean", float: "float", int: "integer", dt.date: "other"}
    return kinds.get(type(value), "nested")


def _find(findings: Iterable[Finding]) -> tuple[Found, ...]:
    return tuple((each.code, each.field) for each in findings if each.field or each.code == "overflow")


def _score(name: str, cells: dict[str, Any], layout: Layout) -> tuple[float, float]:
    """Score the cells that are fields by the law; how far off a sum in doubles may be comes with it."""
    named = CASES.contracts[name]
    checker = RecordChecker(named.contract)
    known = {key: cell for key, cell in cells.items() if checker.find_field(key) is not None}
    members = list(map(make_plain, known.values()))
    if all(column.kind == "dynamic" for column in layout.columns):
        checked = checker.check(zip(known, members, strict=True))
    else:
        coded, count = code_rows([tuple(members)], tuple(known))
        table = Table(tuple(known), coded, count, layout.is_text, "")
        checked = checker.check(next(iter_records(table, checker, range(len(known)))))
    assert not checked.faults, checked.faults
    reference = Reference(named.contract, named.predictor)
    values = find_values(named.contract, checked)
    products = reference.compute_products(values)
    # Halved by powers of two: the sum of the magnitudes may be beyond a double where the margin is not.
    halves = [math.ldexp(product, -64) for product in products]
    bound = find_bound(math.ldexp(named.predictor.margins[0].intercept, -64), halves)
    return reference.compute_margin(values), math.ldexp(bound, 64)
