"""The record target: bit for bit the reference, on every node."""

from __future__ import annotations

import gc
import linecache
import traceback
from typing import get_args

import pytest

from augury.contract.fields import BooleanField, CategoryField, Contract, IntegerField, NumberField
from augury.contract.values import UNSEEN, Value
from augury.contract.wire import RecordDoor
from augury.errors import UnsupportedError
from augury.ir.check import check_predictor
from augury.ir.lower import lower_predictor
from augury.ir.nodes import (
    Bin,
    Binned,
    Category,
    Clip,
    Decide,
    Impute,
    Input,
    Linear,
    Link,
    Lookup,
    Missing,
    Number,
    OneHot,
    Regroup,
    Standardize,
    Stretch,
)
from augury.ir.reference import Reference
from augury.ir.unsupported import Unsupported
from augury.targets.parity import compare, find_reference_values, iter_hard_rows
from augury.targets.record import NODES, compile_record

CONTRACT = Contract(
    fields=(
        NumberField(name="age", null="impute"),
        IntegerField(name="visits"),
        BooleanField(name="member"),
        CategoryField(name="plan", levels=("a", "b", "c"), level_spellings={"A": "a"}, unseen="note", null="impute"),
        CategoryField(name="grade", levels=(1, 2)),
    )
)

INPUTS: dict[str, Input] = {
    "number": Number("visits"),
    "boolean as number": Number("member"),
    "integer level as number": Number("grade"),
    "impute": Impute(Number("age"), 40.0),
    "missing": Missing("age"),
    "standardize": Standardize(Number("visits"), 3.1, 0.7),
    "impute then standardize": Standardize(Impute(Number("age"), 40.5), 3.1, 0.7),
    "standardize then impute": Impute(Standardize(Number("age"), 3.1, 0.7), 0.1),
    "stretch": Stretch(Number("visits"), 0.3, -0.1),
    "clip": Clip(Stretch(Number("visits"), 0.3, -0.1), 0.0, 1.0),
    "clip of missing": Impute(Clip(Number("age"), 0.0, 60.0), 0.5),
    "lookup": Lookup(Category("plan"), (0.1, 0.2, 0.3), -1.0, -2.0),
    "lookup of a boolean": Lookup(Category("member"), (0.1, 0.2)),
    "lookup of a bin": Lookup(Bin(Number("visits"), (1.0, 5.0)), (0.1, 0.2, 0.3)),
    "lookup of a missing bin": Lookup(Bin(Number("age"), (1.0, 5.0)), (0.1, 0.2, 0.3), 0.7),
    "impute a lookup": Impute(Lookup(Category("plan"), (0.1, 0.2, 0.3), None, 9.0), 0.7),
    "scale a lookup": Standardize(Lookup(Category("grade"), (0.0, 1.0)), 0.3, 0.9),
    "bin a lookup": Lookup(Bin(Lookup(Category("plan"), (0.1, 0.2, 0.3), 8.0, 9.0), (0.2, 8.5)), (1.0, 2.0, 3.0)),
    "one-hot": OneHot(Category("plan"), (0, 2), missing=True, unseen=True),
    "one-hot of a regroup": OneHot(Regroup(Category("plan"), 2, (0, 1, 1), missing=0, unseen=1), (1, 0)),
    "one-hot of a bin": OneHot(Bin(Number("visits"), (1.0, 5.0)), (1, 2)),
    "one-hot of nested regroups": OneHot(
        Regroup(Regroup(Category("plan"), 3, (2, 1, 0), missing=1), 2, (1, 0, 1), unseen=0), (0,)
    ),
}


def make_rows() -> list[dict[str, Value]]:
    """Make rows with every state of every field."""
    plain = find_reference_values(CONTRACT)
    special: list[dict[str, Value]] = [{"plan": UNSEEN}, {"plan": None}, {"age": None}, {"age": 40.0, "visits": 7.0}]
    hard = iter_hard_rows(CONTRACT, make_predictor(*INPUTS.values()), threshold=0.5)
    return [*(plain | values for values in special), *hard]


def make_predictor(*inputs: Input) -> Link:
    """Make a predictor over some inputs, each column with a weight of its own."""
    widths = [len(node.columns) if isinstance(node, OneHot) else 1 for node in inputs]
    return Link((Linear(inputs, tuple(0.37 * (i + 1) * (-1) ** i for i in range(sum(widths))), -0.2),))


@pytest.mark.parametrize("name", INPUTS)
def test_equals_the_reference_bit_for_bit(name: str) -> None:
    """Every node is scored as the law scores it, in every state and on hard numbers."""
    predictor = make_predictor(INPUTS[name], Number("visits"))
    check_predictor(CONTRACT, predictor)
    found = compare_with_reference(predictor)
    assert (found.beyond, found.flips, found.largest_difference) == (0, 0, 0.0)
    assert found.rows == len(make_rows())


def compare_with_reference(predictor: Link):  # noqa: ANN201 - Parity, seen in the test
    """Compare the compiled function with the reference over all rows."""
    door = RecordDoor(CONTRACT)
    function = compile_record(CONTRACT, lower_predictor(CONTRACT, predictor))
    return compare(
        Reference(CONTRACT, predictor).compute_margin,
        lambda values: function.compute_margin(door.make_row(tuple(values.values()))),
        make_rows(),
        threshold=0.5,
    )


def test_a_broken_constant_is_seen() -> None:
    """The comparison is able to fail: one weight moved by one ulp is found."""
    predictor = make_predictor(INPUTS["number"], INPUTS["lookup"])
    linear = predictor.margins[0]
    moved = Link((Linear(linear.inputs, (linear.weights[0] * (1 + 2**-52), linear.weights[1]), linear.intercept),))
    door = RecordDoor(CONTRACT)
    function = compile_record(CONTRACT, lower_predictor(CONTRACT, moved))
    found = compare(
        Reference(CONTRACT, predictor).compute_margin,
        lambda values: function.compute_margin(door.make_row(tuple(values.values()))),
        [find_reference_values(CONTRACT) | {"visits": 7.0}],
        threshold=0.5,
    )
    assert found.beyond == 1


def test_the_table_answers_for_every_node() -> None:
    """Each node of the language has a function or a reason, and nothing else is in the table."""
    nodes = {*get_args(Input), *get_args(Binned), OneHot, Linear, Link, Decide}
    nodes = {node for group in nodes for node in (get_args(group) or (group,))}
    assert set(NODES) == nodes
    assert all(answer.why for answer in NODES.values() if isinstance(answer, Unsupported))


def test_an_unlowered_model_is_refused_by_name() -> None:
    """A node that must be lowered first is named instead of scored wrongly."""
    with pytest.raises(UnsupportedError, match="OneHot: lowered"):
        compile_record(CONTRACT, make_predictor(INPUTS["one-hot"]))


def test_a_listed_spelling_scores_as_its_level() -> None:
    """A row in the spelling of the training table needs no translation."""
    door = RecordDoor(CONTRACT)
    predictor = make_predictor(INPUTS["lookup"])
    function = compile_record(CONTRACT, lower_predictor(CONTRACT, predictor))
    row = door.decode_fast(b'{"age":1,"visits":1,"member":true,"plan":"A","grade":1}')
    twin = door.decode_fast(b'{"age":1,"visits":1,"member":true,"plan":"a","grade":1}')
    assert row is not None
    assert twin is not None
    assert function.compute_margin(row) == function.compute_margin(twin)


def test_a_traceback_shows_the_generated_line() -> None:
    """The generated source is registered, so an error inside it can be read."""
    function = compile_record(CONTRACT, lower_predictor(CONTRACT, make_predictor(INPUTS["number"])))
    try:
        function.compute_margin(object())  # type: ignore[arg-type]
    except AttributeError:
        assert "row.f1" in traceback.format_exc()
    else:
        pytest.fail("an object without fields was scored")


def test_names_never_reach_the_source() -> None:
    """A hostile field name or level is a value, never text in the generated code."""
    hostile = "'); import os; ('"
    contract = Contract(fields=(CategoryField(name=hostile, levels=(hostile, "b")),))
    predictor = Link((Linear((OneHot(Category(hostile), (0, 1)),), (1.5, 2.5), 0.25),))
    function = compile_record(contract, lower_predictor(contract, predictor))
    assert "import os" not in function.source
    assert function.compute_margin(RecordDoor(contract).make_row((hostile,))) == 1.75


def test_the_lines_go_with_the_function() -> None:
    """A function that nobody holds any more leaves no source behind, however many models a process loads."""
    lowered = lower_predictor(CONTRACT, Link((Linear((Number("visits"),), (2.0,), 0.0),)))
    gc.collect()  # what earlier tests let go of
    before = set(linecache.cache)
    function = compile_record(CONTRACT, lowered)
    assert len(set(linecache.cache) - before) == 1
    del function
    gc.collect()
    assert set(linecache.cache) <= before
