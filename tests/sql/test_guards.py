"""Guarded products and quotients on the engines: none stops a query, and each is Python's."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from augury.contract.fields import Contract, NumberField
from augury.ir.magnitude import LARGEST
from augury.ir.nodes import Number
from augury.sql.build import column
from augury.sql.dialects import find_dialect
from augury.sql.guards import Guards
from tests.sql.engines import ENGINES
from tests.sql.holding import Engine
from tests.sql.nasty import DOUBLES, draw_doubles
from tests.sql.primitives import ask

FACTORS = (*(number for number in DOUBLES if number), 3e-308, 1e-16, 1e16, 2.0**-64, 2.0**64, *draw_doubles(20)[-70:])
CELLS = draw_doubles(150)


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize("act", ["multiply", "divide"])
def test_a_guarded_result_is_pythons(engine: Engine, act: str) -> None:
    """It is rounded as in Python, zero where it rounds to zero, and null or infinite beyond a double."""
    guards = Guards(find_dialect(engine.dialect), Contract(fields=(NumberField(name="a"),)), LARGEST)
    reach = guards.find_reach(Number("a"))
    written = [getattr(guards, act)(column("a"), reach, factor) for factor in FACTORS]
    answers = ask(engine, ["float"], [(cell,) for cell in CELLS], written)
    wrong = [
        f"{act} {cell!r} and {factor!r}: {said!r}"
        for cell, answer in zip(CELLS, answers, strict=True)
        for factor, said in zip(FACTORS, answer, strict=True)
        if not _is_right(cell * factor if act == "multiply" else cell / factor, said)
    ]
    assert not wrong, "\n".join(wrong)


def _is_right(expected: float, said: float | None) -> bool:
    return said is None or said == expected if math.isinf(expected) else said == expected
