"""Random contracts, models and tables through DuckDB, against the record checker and the law."""

import json
import math
from fractions import Fraction
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from augury.contract.check import Checked, RecordChecker, find_values
from augury.contract.faults import Fault
from augury.contract.fields import Contract
from augury.contract.python_record import make_plain
from augury.ir.link import sigmoid
from augury.ir.nodes import Link
from augury.ir.reference import Reference
from augury.sql.layout import Layout, find_columns
from augury.statement import Wanted, write_statement
from augury.tables.cells import iter_records
from augury.tables.column import code_rows
from augury.tables.table import Table
from tests.contract.cases import PROBABILITY_TOLERANCE
from tests.contract.models import make_model
from tests.parity.strategies import models
from tests.sql.drawn_tables import dynamic_tables, text_tables, typed_tables
from tests.sql.engines import DuckDB

# Sums of larger terms may be beyond a double on the way, in one order of the terms and not in another.
LARGEST = 1e306
ENGINE = DuckDB()
# What the drawn contracts and models take the place of.
BODY = make_model("bare").document.model


@given(st.data(), models())
def test_typed_columns(data: st.DataObject, model: tuple[Contract, Link]) -> None:
    """Every row of a table of typed columns is answered as its record is."""
    _hold(*model, *data.draw(typed_tables(model[0])))


@given(st.data(), models())
def test_files_of_texts(data: st.DataObject, model: tuple[Contract, Link]) -> None:
    """Every row of a table of texts is answered as its record is."""
    _hold(*model, *data.draw(text_tables(model[0])))


@given(st.data(), models())
def test_cells_with_types_of_their_own(data: st.DataObject, model: tuple[Contract, Link]) -> None:
    """Every row of a table of JSON is answered as its record is."""
    _hold(*model, *data.draw(dynamic_tables(model[0])))


def _hold(contract: Contract, predictor: Link, layout: Layout, rows: list[tuple[Any, ...]]) -> None:
    bound, _ = find_columns(contract, layout, {})
    body = msgspec.structs.replace(BODY, contract=contract, predictor=predictor)
    source = ENGINE.create("drawn", layout, rows)
    query = write_statement(body, bound, dialect="duckdb", source=source, wanted=Wanted(keep=("row",), notes=True))
    answers = sorted(ENGINE.ask(query))
    assert [answer[0] for answer in answers] == list(range(len(rows)))
    for row, answer in zip(rows, answers, strict=True):
        _hold_row(contract, predictor, _check(contract, layout, row), answer)


def _check(contract: Contract, layout: Layout, row: tuple[Any, ...]) -> Checked:
    """Check a row as the record that it is."""
    names = [column.name for column in layout.columns]
    checker, cells = RecordChecker(contract), list(map(make_plain, row))
    if any(column.kind == "dynamic" for column in layout.columns):
        return checker.check(zip(names, cells, strict=True))
    coded, _ = code_rows([tuple(cells)], tuple(names))
    table = Table(tuple(names), coded, 1, layout.is_text, "")
    return checker.check(next(iter_records(table, checker, range(len(names)))))


def _hold_row(contract: Contract, predictor: Link, checked: Checked, answer: tuple[Any, ...]) -> None:
    _, probability, label, margin, faults, notes = answer
    if checked.faults:
        assert _read(faults) == _list(checked.faults)
        assert (probability, label, margin, notes) == (None, None, None, None)
        return
    reference, values = Reference(contract, predictor), find_values(contract, checked)
    products = [predictor.margins[0].intercept, *reference.compute_products(values)]
    size = sum(map(Fraction, map(abs, products))) if all(map(math.isfinite, products)) else None
    if size is None:
        assert (_read(faults), margin, probability) == ([("overflow", "")], None, None)
        return
    if size > LARGEST:
        assert (margin is None) == (_read(faults) == [("overflow", "")])
        return
    assert faults is None
    assert _read(notes) == _list(checked.notes)
    assert abs(Fraction(margin) - sum(map(Fraction, products))) <= size * (len(products) + 8) * Fraction(1, 2**53)
    assert math.isclose(probability, sigmoid(margin), rel_tol=PROBABILITY_TOLERANCE)
    assert label == (probability >= BODY.decision.threshold)


def _read(listed: str | None) -> list[tuple[str, str]]:
    return [(each["code"], each["field"]) for each in json.loads(listed or "[]")]


def _list(findings: tuple[Fault, ...]) -> list[tuple[str, str]]:
    return [(each.code, each.field) for each in findings]
