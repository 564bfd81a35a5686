"""Guards are written where an engine would stop, and nowhere else."""

import pytest

from augury.contract.fields import Bounds, Contract, IntegerField, NumberField
from augury.ir.magnitude import LARGEST, SMALLEST, Reach
from augury.ir.nodes import Number, Stretch
from augury.sql.build import column
from augury.sql.dialects import find_dialect
from augury.sql.guards import Guards

CONTRACT = Contract(fields=(NumberField(name="x"), IntegerField(name="n", seen=Bounds(0.0, 9.0), far="refuse")))


def make_guards(dialect: str, most: float = LARGEST) -> Guards:
    """Make the guards of an engine."""
    return Guards(find_dialect(dialect), CONTRACT, most)


@pytest.mark.parametrize(
    ("dialect", "factor", "branches"),
    [
        ("duckdb", 2.0, 0),
        ("duckdb", 0.5, 0),
        ("mariadb", 2.0, 1),
        ("mariadb", 0.5, 0),
        ("postgres", 2.0, 1),
        ("postgres", 0.5, 1),
        ("postgres", 0.75, 0),
        ("postgres", -1.0, 0),
        ("postgres", 0.0, 0),
    ],
)
def test_a_product_is_guarded_where_the_engine_stops(dialect: str, factor: float, branches: int) -> None:
    """A factor above one may overflow, one of at most a half may underflow; some engines stop at either."""
    guards = make_guards(dialect)
    written = guards.multiply(column("x"), guards.find_reach(Number("x")), factor).sql(dialect="duckdb")
    assert written.count("WHEN") == branches


def test_a_quotient_is_guarded_likewise() -> None:
    """A divisor below one may overflow, one of two or more may underflow."""
    guards = make_guards("postgres")
    reach = guards.find_reach(Number("x"))
    counts = [guards.divide(column("x"), reach, divisor).sql().count("WHEN") for divisor in (0.5, 1.0, 2.0)]
    assert counts == [1, 0, 1]


def test_what_a_contract_bounds_needs_no_guard() -> None:
    """The numbers that a contract accepts, or that are asked for, are what counts."""
    guards = make_guards("postgres")
    assert guards.find_reach(Number("n")) == Reach(1.0, 9.0)
    assert "WHEN" not in guards.multiply(column("n"), guards.find_reach(Number("n")), 1e300).sql()
    assert make_guards("postgres", 2.0**500).find_reach(Number("x")) == Reach(SMALLEST, 2.0**500)


def test_a_reach_has_a_unit() -> None:
    """What is beyond a double before is at most the largest one in a smaller unit."""
    assert make_guards("postgres").find_reach(Stretch(Number("x"), 4.0, 0.0), 0.25).most == LARGEST / 4
