"""An engine is asked for the rows of cases, and its answers are held to what the cases say."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Protocol

from augury.ir.link import sigmoid
from augury.sql.layout import Kind, Layout, find_columns
from augury.statement import Wanted, write_statement
from tests.contract.cases import PROBABILITY_TOLERANCE
from tests.contract.models import make_model
from tests.sql.tables_of_cases import Asked, CaseTable

MOST_LISTED = 20


class Engine(Protocol):
    """An engine at work."""

    dialect: str

    def can_hold(self, cell: Any, kind: Kind) -> bool:
        """Tell whether a cell can stand in a column of this kind at all."""

    def can_name(self, name: str) -> bool:
        """Tell whether a column may have this name."""

    def create(self, name: str, layout: Layout, rows: Sequence[Sequence[Any]]) -> str:
        """Make a table of these rows, numbered from 0 in its last column ``row``; gives what stands after FROM."""

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query."""


def hold_table(engine: Engine, table: CaseTable) -> tuple[int, list[str]]:
    """Ask an engine for what it can hold of a table; gives how many rows that is, and what is wrong."""
    if not all(engine.can_name(column.name) for column in table.layout.columns):
        return 0, []
    kinds = [column.kind for column in table.layout.columns]
    rows = [row for row in table.rows if all(map(engine.can_hold, row.cells, kinds))]
    return len(rows), hold(engine, table.contract, table.layout, rows)


def hold(engine: Engine, contract: str, layout: Layout, rows: list[Asked]) -> list[str]:
    """Ask an engine for rows of one layout, and say in what its answers are not what the cases say."""
    if not rows:
        return []
    body = make_model(contract).document.model
    source = engine.create("cases", layout, [row.cells for row in rows])
    bound, problems = find_columns(body.contract, layout, {})
    assert problems == []
    query = write_statement(
        body, bound, dialect=engine.dialect, source=source, wanted=Wanted(keep=("row",), notes=True)
    )
    answers = sorted(engine.ask(query))
    assert [answer[0] for answer in answers] == list(range(len(rows)))
    return [
        f"{row.name}: {difference}"
        for row, answer in zip(rows, answers, strict=True)
        for difference in find_differences(row, answer)
    ]


def find_differences(row: Asked, answer: tuple[Any, ...]) -> list[str]:
    """Say in what the answer of a row is not what its case says."""
    _, probability, label, margin, faults, notes = answer
    found = []
    for what, expected, listed in (("faults", row.faults, faults), ("notes", row.notes, notes)):
        told = [(each["code"], each["field"]) for each in json.loads(listed or "[]")][:MOST_LISTED]
        if told != list(expected):
            found.append(f"{what} {told} instead of {list(expected)}")
    if (row.margin is None) != (margin is None) or (margin is None) != (probability is None):
        found.append(f"margin {margin} and probability {probability} instead of {row.margin}")
    elif row.margin is not None and margin is not None:
        if abs(margin - row.margin) > row.bound:
            found.append(f"margin {margin!r} instead of {row.margin!r}, beyond {row.bound!r}")
        if not math.isclose(probability, sigmoid(margin), rel_tol=PROBABILITY_TOLERANCE):
            found.append(f"probability {probability!r} of margin {margin!r}")
        if bool(label) != (probability >= 0.5):
            found.append(f"label {label!r} of probability {probability!r}")
    return found
