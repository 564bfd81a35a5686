"""The file of cases at the doors of SQL: as files of texts, as typed columns, and as columns whose cells have types."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from augury.ir.link import sigmoid
from augury.sql.dialects import find_dialect
from augury.sql.layout import Layout, find_columns
from augury.statement import Wanted, write_statement
from tests.contract.cases import PROBABILITY_TOLERANCE
from tests.contract.models import make_model
from tests.sql.engines import ENGINES, Engine
from tests.sql.tables_of_cases import Asked, iter_tables

TABLES = {"file": list(iter_tables("file")), "frame": list(iter_tables("frame")), "json": list(iter_tables("json"))}
MOST_LISTED = 20
# Where each cell has a type of its own, a record of JSON can be a row.
PAIRS = [
    (engine, door)
    for engine in sorted(ENGINES)
    for door in TABLES
    if door != "json" or find_dialect(engine).find_kind is not None
]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize(("engine", "door"), PAIRS, indirect=["engine"])
def test_every_case_is_answered_as_it_says(engine: Engine, door: str) -> None:
    """Each row of each case has the margin of the case within the bound, or its codes and fields in their order."""
    wrong: list[str] = []
    asked = 0
    for table in TABLES[door]:
        if not all(engine.can_name(column.name) for column in table.layout.columns):
            continue
        kinds = [column.kind for column in table.layout.columns]
        rows = [row for row in table.rows if all(map(engine.can_hold, row.cells, kinds))]
        asked += len(rows)
        wrong += hold(engine, table.contract, table.layout, rows)
    assert not wrong, "\n".join(wrong)
    assert asked > 300


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
