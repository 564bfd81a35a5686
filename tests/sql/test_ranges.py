"""Ranges: each pair of policies, at each bound and one double to either side of it, in columns of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import inf, nextafter
from typing import Any, Literal

import msgspec
import pytest

from augury.contract.fields import Bounds, Contract, IntegerField, NumberField
from augury.ir.nodes import Impute, Linear, Link, Missing, Number
from augury.sql.layout import Kind, Layout, SourceColumn
from tests.contract.models import make_model
from tests.sql.engines import ENGINES
from tests.sql.holding import Engine
from tests.sql.lawful import hold_rows

BODY = make_model("bare").document.model
SEEN, ACCEPTED = Bounds(-2.0, 6.0), Bounds(-4.0, 12.0)
ENDS = (SEEN.low, SEEN.high, ACCEPTED.low, ACCEPTED.high)
AROUND = [number for end in ENDS for number in (nextafter(end, -inf), end, nextafter(end, inf))]
FLOATS = (*AROUND, 0.0, -0.0, 0.5, 1e300, -1e300, 2.0**53, 2.0**53 + 2, None)
INTEGERS = (-5, -4, -3, -2, 0, 6, 7, 12, 13, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, None)
CELLS: dict[Kind, tuple[Any, ...]] = {
    "float": FLOATS,
    "integer": INTEGERS,
    "text": (*(repr(number) for number in FLOATS if number is not None), *map(str, INTEGERS[:-1]), "", "x", "1e400"),
}
Policy = Literal["note", "refuse"]
POLICIES: tuple[Policy, ...] = ("note", "refuse")


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize(("near", "far"), list(product(POLICIES, POLICIES)))
def test_a_number_is_in_its_range_or_told(engine: Engine, near: Policy, far: Policy, kind: Kind) -> None:
    """Near and far numbers are noted or refused as the contract says, whatever the kind of field and column."""
    about = {"near": near, "far": far}
    fields = [
        NumberField(name="x", seen=SEEN, accepted=ACCEPTED, **about),
        IntegerField(name="x", seen=SEEN, accepted=ACCEPTED, null="impute", **about),
        NumberField(name="x", seen=SEEN, **about),
        IntegerField(name="x", **about),
    ]
    for field in fields:
        node = Number("x") if field.null == "refuse" else Impute(Number("x"), 1.0)
        predictor = Link((Linear((node,), (0.5,), 0.25),))
        body = msgspec.structs.replace(BODY, contract=Contract(fields=(field,)), predictor=predictor)
        layout = Layout((SourceColumn("x", kind),))
        wrong, asked = hold_rows(engine, body, layout, [(cell,) for cell in CELLS[kind]])
        assert not wrong, "\n".join(wrong)
        assert {each.margin is None for each in asked} == {False, True}


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("is_indicated", [True, False])
def test_a_number_that_no_term_reads_is_checked(engine: Engine, is_indicated: bool, kind: Kind) -> None:
    """A field of which a model reads only whether it is missing, or nothing at all, is held to its contract too."""
    fields = (NumberField(name="x", seen=SEEN, accepted=ACCEPTED, far="refuse", null="impute"), NumberField(name="y"))
    nodes = (Number("y"), Missing("x"))[: 1 + is_indicated]
    predictor = Link((Linear(nodes, (0.5, 2.0)[: 1 + is_indicated], 0.25),))
    body = msgspec.structs.replace(BODY, contract=Contract(fields=fields), predictor=predictor)
    layout = Layout((SourceColumn("x", kind), SourceColumn("y", "float")))
    wrong, asked = hold_rows(engine, body, layout, [(cell, 1.0) for cell in CELLS[kind]])
    assert not wrong, "\n".join(wrong)
    assert {each.margin is None for each in asked} == {False, True}
