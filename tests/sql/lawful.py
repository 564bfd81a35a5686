"""Rows in an engine, each held to what the record checker and the law say of it as a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from augury.artifact.document import ModelBody
from augury.contract.check import RecordChecker, find_values
from augury.contract.python_record import make_plain
from augury.ir.link import sigmoid
from augury.ir.reference import Reference
from augury.sql.layout import Layout, find_columns
from augury.statement import Wanted, write_statement
from augury.tables.cells import iter_records
from augury.tables.column import code_rows
from augury.tables.table import Table
from augury.targets.parity import find_bound
from tests.doors import Answer, hold_door
from tests.sql.holding import Engine, find_differences
from tests.sql.tables_of_cases import Asked

Row = tuple[Any, ...]


def hold_rows(
    engine: Engine, body: ModelBody, layout: Layout, rows: Sequence[Row], *, door: str = ""
) -> tuple[list[str], list[Asked]]:
    """Score what an engine can hold, and say where it does not answer as the record of the row is answered."""
    kinds = [column.kind for column in layout.columns]
    asked = ask_law(body, layout, [row for row in rows if all(map(engine.can_hold, row, kinds))])
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
    if door and not wrong:
        found = [Answer(each[1], None if each[2] is None else bool(each[2]), each[3]) for each in answers]
        hold_door(door, body.decision.threshold, asked, found)
    return wrong, asked


def ask_law(body: ModelBody, layout: Layout, rows: Sequence[Row]) -> list[Asked]:
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
