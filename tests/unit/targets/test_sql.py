"""The SQL target: an answer for every node, and the law's numbers for each of them in the engines at hand."""

from __future__ import annotations

from math import inf
from typing import Any, get_args

import msgspec
import pytest
from sqlglot import exp

from augury.contract.values import UNSEEN, Value
from augury.errors import UnsupportedError
from augury.ir.lower import lower_predictor
from augury.ir.magnitude import LARGEST
from augury.ir.nodes import Bin, Binned, Decide, Impute, Input, Linear, Link, Lookup, Number, OneHot
from augury.ir.unsupported import Unsupported
from augury.sql.build import Node, add
from augury.sql.cleaned import Cleaned
from augury.sql.dialects import find_dialect
from augury.sql.fields import Cell
from augury.sql.guards import Guards
from augury.sql.layout import Kind, Layout, SourceColumn
from augury.targets.sql import NODES, write_terms
from tests.contract.models import make_model
from tests.sql.engines import ENGINES
from tests.sql.lawful import hold_rows
from tests.unit.targets.test_record import CONTRACT, INPUTS, make_predictor, make_rows

DUCKDB = find_dialect("duckdb")
KINDS: dict[str, Kind] = {"age": "float", "visits": "float", "member": "boolean", "plan": "text", "grade": "integer"}
BODY = make_model("bare").document.model
# What is filled before it is binned is in a bin, whatever the rule for what is missing.
FILLED: dict[str, Input] = {
    "lookup of a filled bin": Lookup(Bin(Impute(Number("age"), 3.0), (1.0, 5.0)), (0.1, 0.2, 0.3), 0.7),
}
NAMED = {**INPUTS, **FILLED}


def write(predictor: Link, *, unit: float = 1.0) -> list[Node]:
    """Write the terms of a predictor over clean columns."""
    cells = {field.name: Cell(field, None, False, field.name) for field in CONTRACT.features}
    return write_terms(DUCKDB, Cleaned(DUCKDB, cells), predictor, Guards(DUCKDB, CONTRACT, LARGEST), unit=unit)


def make_cell(value: Value) -> Any:
    """Make a value a cell: a level that training did not see is spelt in some way."""
    return "unseen" if value is UNSEEN else value


def test_the_table_answers_for_every_node() -> None:
    """Each node of the language has a function or a reason, and nothing else is in the table."""
    nodes = {*get_args(Input), *get_args(Binned), OneHot, Linear, Link, Decide}
    nodes = {node for group in nodes for node in (get_args(group) or (group,))}
    assert set(NODES) == nodes
    assert all(answer.why for answer in NODES.values() if isinstance(answer, Unsupported))


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_node_is_scored_as_the_law_scores_it(engine: str, name: str) -> None:
    """Every node is the law's in every state and on hard numbers, over columns as they came and over clean ones."""
    body = msgspec.structs.replace(BODY, contract=CONTRACT, predictor=make_predictor(NAMED[name], Number("visits")))
    layout = Layout(tuple(SourceColumn(field, kind) for field, kind in KINDS.items()))
    rows = [tuple(make_cell(row[field]) for field in KINDS) for row in make_rows()]
    with ENGINES[engine]() as running:
        wrong, asked = hold_rows(running, body, layout, rows)
    assert not wrong, "\n".join(wrong)
    assert sum(each.margin is not None for each in asked) > 30


def test_an_unlowered_model_is_refused_by_name() -> None:
    """A node that must be lowered first is named instead of scored wrongly."""
    with pytest.raises(UnsupportedError, match="OneHot: lowered, with its weights, into Lookup"):
        write(make_predictor(INPUTS["one-hot"]))


def test_a_weight_of_one_is_left_out() -> None:
    """What a product with it would change is nothing; any other weight is written."""
    nodes = (Number("age"), Number("age"))
    terms = write(Link((Linear(nodes, (1.0, -1.0), 0.0),)))
    assert [isinstance(term, exp.Mul) for term in terms[1:]] == [False, True]


@pytest.mark.parametrize("unit", [1.0, 2.0**-64])
def test_a_constant_beyond_a_double_is_null(unit: float) -> None:
    """Lowering may compute one: a row that meets it has no margin, and the statement stays one that engines read."""
    predictor = Link((Linear((Impute(Number("age"), inf),), (1.0,), 0.0),))
    (_, term) = write(lower_predictor(CONTRACT, predictor), unit=unit)
    assert "inf" not in term.sql().lower()
    assert term.find(exp.Null) is not None


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 4096])
def test_a_sum_is_as_deep_as_its_logarithm(count: int) -> None:
    """Engines limit how deep an expression may be, and a model has thousands of terms; each is added once, in order."""
    total = add([exp.column(f"t{number}") for number in range(count)])
    assert [each.name for each in total.find_all(exp.Column, bfs=False)] == [f"t{number}" for number in range(count)]
    # A bracket and an addition a level.
    assert max(each.depth for each in total.find_all(exp.Column)) <= 2 * (count - 1).bit_length()
