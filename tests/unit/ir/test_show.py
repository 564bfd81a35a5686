from __future__ import annotations

from math import fsum

import pytest

from augury.contract.fields import BooleanField, CategoryField, Contract, NumberField
from augury.ir.nodes import (
    Bin,
    Category,
    Clip,
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
from augury.ir.show import find_weights, show_log_odds, show_predictor
from tests.unit.artifact.documents import make_contract, make_predictor

CONTRACT = Contract(
    fields=(
        CategoryField(name="plan", levels=("a", "b", "c")),
        CategoryField(name="senior", levels=(0, 1)),
        CategoryField(name="code", levels=tuple(range(100))),
        BooleanField(name="phone"),
        NumberField(name="tenure", null="impute"),
    )
)
TENURE = Number("tenure")

CASES: list[tuple[Input, tuple[float, ...], dict[str, float]]] = [
    (TENURE, (2.0,), {"each unit": 2.0}),
    (Number("senior"), (2.0,), {"0": 0.0, "1": 2.0}),
    (Number("code"), (2.0,), {"each unit": 2.0}),
    (Number("phone"), (2.0,), {"false": 0.0, "true": 2.0}),
    (Impute(Number("phone"), 0.5), (2.0,), {"false": 0.0, "true": 2.0, "(missing)": 1.0}),
    (Missing("tenure"), (2.0,), {"is missing": 2.0}),
    (Impute(TENURE, 30.0), (2.0,), {"each unit of (tenure, 30 where missing)": 2.0}),
    (Standardize(TENURE, 30.0, 10.0), (2.0,), {"each unit of (tenure - 30) / 10": 2.0}),
    (Clip(Stretch(TENURE, 0.1, -3.0), 0.0, 1.0), (2.0,), {"each unit of ((tenure * 0.1 + -3) limited to 0 … 1)": 2.0}),
    (
        OneHot(Category("plan"), (0, 2), unseen=True),
        (2.0, 3.0),
        {"a": 2.0, "b": 0.0, "c": 3.0, "(a level not seen)": 0.0},
    ),
    (OneHot(Regroup(Category("plan"), 2, (0, 1, 1)), (0, 1)), (2.0, 3.0), {"a": 2.0, "b": 3.0, "c": 3.0}),
    (Lookup(Category("phone"), (0.5, 1.5), missing=9.0), (2.0,), {"false": 1.0, "true": 3.0, "(missing)": 18.0}),
    (
        OneHot(Bin(TENURE, (6.0, 12.5)), (0, 1, 2)),
        (1.0, 2.0, 3.0),
        {"under 6": 1.0, "6 to under 12.5": 2.0, "12.5 or more": 3.0},
    ),
    (OneHot(Bin(TENURE, ()), (0,)), (1.0,), {"any number": 1.0}),
    (
        OneHot(Bin(Impute(TENURE, 30.0), (6.0,)), (1,)),
        (3.0,),
        {"(tenure, 30 where missing) under 6": 0.0, "(tenure, 30 where missing) 6 or more": 3.0},
    ),
    (
        Standardize(Lookup(Bin(TENURE, (6.0,)), (0.0, 1.0)), 0.5, 2.0),
        (2.0,),
        {"each unit of (the number of tenure's bin - 0.5) / 2": 2.0},
    ),
]


@pytest.mark.parametrize(("node", "weights", "expected"), CASES)
def test_each_node_reads_as_what_it_adds(node: Input, weights: tuple[float, ...], expected: dict[str, float]) -> None:
    """A term becomes one line a level, bin or state, or one line a unit, with what it adds in log-odds."""
    weighed = find_weights(CONTRACT, Link((Linear((node,), weights, 0.0),)))
    assert {weight.when: weight.log_odds for weight in weighed} == expected


def test_the_lines_of_a_record_sum_to_its_margin() -> None:
    """For a record of levels alone, the lines that hold for it and the intercept are its margin."""
    inputs = (OneHot(Category("plan"), (0, 1, 2)), Number("senior"), Number("phone"))
    predictor = Link((Linear(inputs, (0.1, 0.2, 0.3, 0.7, -0.4), -1.1),))
    values = {"plan": "c", "senior": 1, "phone": True, "tenure": None, "code": 0}
    chosen = {("plan", "c"), ("senior", "1"), ("phone", "true")}
    lines = [weight.log_odds for weight in find_weights(CONTRACT, predictor) if (weight.field, weight.when) in chosen]
    assert len(lines) == 3
    assert fsum((-1.1, *lines)) == Reference(CONTRACT, predictor).compute_margin(values)


def test_the_text_is_a_formula_with_aligned_lines() -> None:
    """The whole model is the intercept, one line a weight with each field named once, and the link."""
    inputs = (OneHot(Category("plan"), (0, 1, 2)), TENURE)
    text = show_predictor(CONTRACT, Link((Linear(inputs, (0.125, -0.25, 0.0, -0.00025), -1.5),)))
    assert text.splitlines() == [
        "margin = -1.5000 + the sum of these, in log-odds:",
        "  plan    a             +0.1250",
        "          b             -0.2500",
        "          c             +0.0000",
        "  tenure  each unit  -2.500e-04",
        "probability = 1 / (1 + exp(-margin))",
    ]


def test_a_model_of_every_node_can_be_shown() -> None:
    """No node is without words, and every field that is read is named."""
    text = show_predictor(make_contract(), make_predictor())
    for field in make_contract().features:
        assert f"  {field.name} " in text


@pytest.mark.parametrize(
    ("log_odds", "shown"),
    [(0.0, "+0.0000"), (-0.0, "+0.0000"), (1e-3, "+0.0010"), (9.9e-4, "+9.900e-04"), (-12.0, "-12.0000")],
)
def test_log_odds_have_their_sign(log_odds: float, shown: str) -> None:
    """Four decimals and the sign; powers below a thousandth; no negative zero."""
    assert show_log_odds(log_odds) == shown
