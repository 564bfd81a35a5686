"""How large and small terms can be: a bound that no accepted row leaves."""

from __future__ import annotations

import math
from fractions import Fraction
from math import inf

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from augury.contract.check import RecordChecker, find_values
from augury.contract.fields import BooleanField, Bounds, CategoryField, Contract, Feature, IntegerField, NumberField
from augury.ir.lower import lower_predictor
from augury.ir.magnitude import LARGEST, SMALLEST, Reach, find_magnitude, find_reach
from augury.ir.nodes import (
    Bin,
    Category,
    Clip,
    Impute,
    Linear,
    Link,
    Lookup,
    Missing,
    Number,
    Scalar,
    Standardize,
    Stretch,
)
from augury.ir.reference import Reference
from tests.parity.strategies import _right_values, doubles, models

FREE = NumberField(name="x")
LEVELS = CategoryField(name="x", levels=("a", "b"))
BOUND_INTEGER = IntegerField(name="x", seen=Bounds(0.0, 7.0), near="refuse", far="refuse")
WITHIN = NumberField(name="x", seen=Bounds(-3.0, 2.0), accepted=Bounds(-5.0, 9.0), near="note", far="refuse")
X = Number("x")
REACHES: dict[str, tuple[Feature, Scalar, Reach]] = {
    "a number without a range": (NumberField(name="x"), X, Reach(SMALLEST, LARGEST)),
    "a number whose range is noted": (msgspec.structs.replace(WITHIN, far="note"), X, Reach(SMALLEST, LARGEST)),
    "a number near its range": (WITHIN, X, Reach(SMALLEST, 9.0)),
    "a number in its range": (msgspec.structs.replace(WITHIN, near="refuse"), X, Reach(SMALLEST, 3.0)),
    "an integer without a range": (IntegerField(name="x"), X, Reach(1.0, 2.0**53)),
    "an integer with one": (
        IntegerField(name="x", seen=Bounds(0.0, 7.0), near="refuse", far="refuse"),
        X,
        Reach(1.0, 7.0),
    ),
    "a boolean": (BooleanField(name="x"), X, Reach(1.0, 1.0)),
    "integer levels": (CategoryField(name="x", levels=(1, -40)), X, Reach(1.0, 40.0)),
    "an indicator": (WITHIN, Missing("x"), Reach(1.0, 1.0)),
    "a larger fill": (WITHIN, Impute(X, -20.0), Reach(SMALLEST, 20.0)),
    "a fill of an integer": (IntegerField(name="x"), Impute(X, 0.25), Reach(0.25, 2.0**53)),
    "no fill at all": (IntegerField(name="x"), Impute(X, 0.0), Reach(1.0, 2.0**53)),
    "a difference": (WITHIN, Standardize(X, 1.0, 0.5), Reach(2.0**-53, 20.0)),
    "a quotient": (IntegerField(name="x"), Standardize(X, 0.0, 4.0), Reach(0.25, 2.0**51)),
    "a quotient beyond a double": (NumberField(name="x"), Standardize(X, 0.0, 0.5), Reach(2 * SMALLEST, inf)),
    "a product": (WITHIN, Stretch(X, -2.0, 0.0), Reach(2 * SMALLEST, 18.0)),
    "a product and a sum": (WITHIN, Stretch(X, 2.0, -1.0), Reach(2.0**-54, 19.0)),
    "a product that rounds to zero": (NumberField(name="x"), Stretch(X, 0.25, 0.0), Reach(SMALLEST, LARGEST / 4)),
    "limits": (WITHIN, Clip(X, -1.0, 4.0), Reach(SMALLEST, 4.0)),
    "limits of what is beyond a double": (
        NumberField(name="x"),
        Clip(Stretch(X, 2.0, 0.0), 0.5, 1.0),
        Reach(2 * SMALLEST, inf),
    ),
    "a level": (
        CategoryField(name="x", levels=("a", "b")),
        Lookup(Category("x"), (0.0, -0.5), 3.0, 7.0),
        Reach(0.5, 7.0),
    ),
    "a bin": (WITHIN, Lookup(Bin(X, (0.0,)), (0.1, 0.2)), Reach(0.1, 0.2)),
    "a bin of what is beyond a double": (
        NumberField(name="x"),
        Lookup(Bin(Stretch(X, 2.0, 0.0), (0.0,)), (0.1, 0.2)),
        Reach(0.1, inf),
    ),
}


@pytest.mark.parametrize("name", REACHES)
def test_a_reach_is_that_of_the_node(name: str) -> None:
    """Each node, over each kind of field, reaches as far as its formula can."""
    field, node, reach = REACHES[name]
    assert find_reach(node, {"x": field}) == reach


def test_a_reach_is_asked_for_smaller_numbers() -> None:
    """No number above the largest asked for is counted, whatever the contract accepts."""
    assert find_reach(X, {"x": NumberField(name="x")}, most=8.0) == Reach(SMALLEST, 8.0)
    assert find_reach(Stretch(X, 2.0, 1.0), {"x": WITHIN}, most=8.0).most == 17.0


@given(st.data(), models())
def test_no_accepted_row_is_out_of_reach(data: st.DataObject, model: tuple[Contract, Link]) -> None:
    """Every node of every drawn model is within its reach, zero apart, or the reach says that it may be beyond."""
    contract, predictor = model
    (linear,) = lower_predictor(contract, predictor).margins
    bare = Link((Linear(linear.inputs, (1.0,) * len(linear.inputs), 0.0),))
    checker = RecordChecker(contract)
    drawn = {field.name: data.draw(st.one_of(_right_values(field), doubles)) for field in contract.features}
    checked = checker.check(list(drawn.items()))
    assume(not checked.faults)
    features = {field.name: field for field in contract.features}
    values = find_values(contract, checked)
    for node, x in zip(bare.margins[0].inputs, Reference(contract, bare).compute_products(values), strict=True):
        reach = find_reach(node, features)
        assert math.isfinite(x) or reach.most == inf
        assert x == 0.0 or not math.isfinite(x) or reach.least <= abs(x) <= reach.most
    _hold_magnitude(contract, Link((linear,)), Reference(contract, predictor).compute_products(values))


def _hold_magnitude(contract: Contract, lowered: Link, products: list[float]) -> None:
    most = find_magnitude(contract, lowered)
    if most < inf:
        total = sum(map(Fraction, map(abs, products)), Fraction(abs(lowered.margins[0].intercept)))
        assert total <= Fraction(most) * (1 + Fraction(1, 10**12))


def test_the_magnitude_is_the_sum_of_all_terms() -> None:
    """Signs do not cancel; a weight of zero counts only where its column may be beyond a double."""
    contract = Contract(fields=(WITHIN, NumberField(name="y")))
    nodes: tuple[Scalar, ...] = (X, Impute(X, 10.0), Stretch(Number("y"), 0.5, 0.0))
    assert find_magnitude(contract, Link((Linear(nodes, (-2.0, 1.0, 0.0), -3.0),))) == 31.0
    beyond = Stretch(Number("y"), 2.0, 0.0)
    assert find_magnitude(contract, Link((Linear((beyond,), (0.0,), 0.0),))) == inf
    assert find_magnitude(contract, Link((Linear((beyond,), (0.0,), 0.0),)), most=8.0) == 0.0
