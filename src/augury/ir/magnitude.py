"""How large the terms of a model can be on what its contract accepts, and how small: what arithmetic may meet."""

from __future__ import annotations

import sys
from math import inf
from typing import cast

from msgspec import Struct

from augury.contract.fields import BooleanField, CategoryField, Contract, Feature, IntegerField, NumberField
from augury.ir.nodes import Bin, Category, Clip, Impute, Link, Lookup, Missing, Number, Scalar, Standardize, Stretch

SMALLEST = 5e-324
LARGEST = sys.float_info.max
# The difference of two doubles that are near each other is a multiple of half a unit in the last place of either.
_HALF_UNIT = 2.0**-54


class Reach(Struct, frozen=True):
    """The magnitudes of a number that is not zero: at least and at most, ``most`` infinite beyond all doubles."""

    least: float
    most: float

    def scale(self, factor: float) -> Reach:
        """Find the reach of the product with a factor."""
        return Reach(max(self.least * abs(factor), SMALLEST), self.most * abs(factor))

    def shift(self, addend: float) -> Reach:
        """Find the reach of the sum with an addend."""
        least = max(abs(addend) * _HALF_UNIT, SMALLEST) if addend else self.least
        return Reach(least, self.most + abs(addend))


def find_magnitude(contract: Contract, lowered: Link, *, most: float = LARGEST) -> float:
    """Find a bound of the sum of the magnitudes of all terms of a lowered model, in log-odds; infinite for none.

    ``most`` is how large the numbers are that the bound is wanted for; the contract may accept less.
    """
    linear = lowered.margins[0]
    features = {field.name: field for field in contract.features}
    total = abs(linear.intercept)
    for node, weight in zip(linear.inputs, linear.weights, strict=True):
        largest = find_reach(cast("Scalar", node), features, most=most).most
        total += largest * abs(weight) if weight else (inf if largest == inf else 0.0)
    return total


def find_reach(node: Scalar, features: dict[str, Feature], *, most: float = LARGEST) -> Reach:
    """Find the reach of a node, where no number of a record is above ``most``."""
    match node:
        case Number():
            return _find_field_reach(features[node.field], most)
        case Missing():
            return Reach(1.0, 1.0)
        case Impute():
            return _widen(find_reach(node.x, features, most=most), node.value)
        case Standardize():
            shifted = find_reach(node.x, features, most=most).shift(node.center)
            return Reach(max(shifted.least / abs(node.scale), SMALLEST), shifted.most / abs(node.scale))
        case Stretch():
            return find_reach(node.x, features, most=most).scale(node.scale).shift(node.shift)
        case Clip():
            # What is clipped is computed before: beyond a double it would be, even if the clipped number is not.
            inner = find_reach(node.x, features, most=most)
            limits = _widen(Reach(inner.least, 0.0), node.low, node.high)
            return Reach(limits.least, inf) if inner.most == inf else limits
        case Lookup():
            others = [value for value in (node.missing, node.unseen) if value is not None]
            reach = _widen(Reach(inf, 0.0), *node.values, *others)
            if isinstance(node.x, Category):
                return reach
            inner = find_reach(cast("Bin", node.x).x, features, most=most)
            return Reach(reach.least, inf) if inner.most == inf else reach


def _widen(reach: Reach, *numbers: float) -> Reach:
    sizes = [abs(number) for number in numbers if number]
    return Reach(min([reach.least, *sizes]), max([reach.most, *sizes]))


def _find_field_reach(field: Feature, most: float) -> Reach:
    if isinstance(field, BooleanField):
        return Reach(1.0, 1.0)
    if isinstance(field, CategoryField):
        return Reach(1.0, inf if field.is_text else max(abs(float(level)) for level in field.levels))
    least = 1.0 if isinstance(field, IntegerField) else SMALLEST
    return Reach(least, min(_find_number_largest(field), most))


def _find_number_largest(field: NumberField | IntegerField) -> float:
    if field.seen is None or field.far == "note":
        return 2.0**53 if isinstance(field, IntegerField) else LARGEST
    # Beyond `accepted` is far, and refused; so is beyond `seen` where nothing more is accepted, or near is refused.
    accepted = field.accepted or field.seen
    bounds = field.seen if field.near == "refuse" else accepted
    return max(abs(bounds.low), abs(bounds.high))
