"""Products in SQL that stop no query: some engines stop at one that is beyond a double, or rounds to zero."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf, nextafter

import msgspec
from sqlglot import exp

from augury.contract.fields import Contract
from augury.ir.magnitude import LARGEST, SMALLEST, Reach, find_reach
from augury.ir.nodes import Scalar
from augury.sql.build import Node, between, group, when
from augury.sql.dialect import Dialect

# Half of the smallest double, which itself rounds to zero.
_NOTHING = Fraction(SMALLEST) / 2


class Guards:
    """The guards of one engine over one contract; ``most`` is the largest number that a record is asked to have."""

    def __init__(self, dialect: Dialect, contract: Contract, most: float) -> None:
        self._dialect = dialect
        self._features = {field.name: field for field in contract.features}
        self._most = most

    def find_reach(self, node: Scalar, unit: float = 1.0) -> Reach:
        """Find how large and small a node can be, in a unit."""
        reach = find_reach(node, self._features, most=self._most)
        # In a unit below 1 every product is guarded, so that what is beyond a double before is one at most.
        reach = msgspec.structs.replace(reach, most=min(reach.most, LARGEST))
        return reach.scale(unit)

    def multiply(self, x: Node, reach: Reach, factor: float) -> Node:
        """Write ``factor * x``: null where that is beyond a double, and zero where it rounds to it."""
        product = exp.Mul(this=self._dialect.write_number(factor), expression=group(x))
        size = Fraction(abs(factor))
        return self._guard(x, product, reach, lambda number: number * abs(factor), size) if size else product

    def divide(self, x: Node, reach: Reach, divisor: float) -> Node:
        """Write ``x / divisor``, likewise."""
        number = self._dialect.write_number(divisor)
        quotient = exp.Div(this=group(x), expression=number, typed=True, safe=False)
        return self._guard(x, quotient, reach, lambda number: number / abs(divisor), 1 / Fraction(abs(divisor)))

    def _guard(self, x: Node, result: Node, reach: Reach, compute: Callable[[float], float], size: Fraction) -> Node:
        limits = self._dialect.limits
        branches: list[tuple[Node, Node]] = []
        default: Node | None = result
        if limits.stops_on_underflow and compute(reach.least) == 0.0:
            nothing = _find_last(lambda number: compute(number) == 0.0, _NOTHING / size)
            branches.append((self._is_within(x, nothing), self._dialect.write_number(0.0)))
        if limits.stops_on_overflow and compute(reach.most) == inf:
            largest = _find_last(lambda number: compute(number) < inf, Fraction(LARGEST) / size)
            branches.append((self._is_within(x, largest), result))
            default = None
        return when(branches, default)

    def _is_within(self, x: Node, limit: float) -> Node:
        write = self._dialect.write_number
        return between(group(x.copy()), write(-limit), write(limit))


def _find_last(holds: Callable[[float], bool], near: Fraction) -> float:
    """Find the largest number of which something holds that holds of all smaller ones, from one that is near it."""
    number = float(min(near, Fraction(LARGEST)))
    while not holds(number):
        number = nextafter(number, 0.0)
    while number < LARGEST and holds(nextafter(number, inf)):
        number = nextafter(number, inf)
    return number
