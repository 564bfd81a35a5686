"""How large the terms of a model can be on what its contract accepts: whether a margin can be beyond a double."""

from __future__ import annotations

from math import inf
from typing import cast

from augury.contract.fields import BooleanField, CategoryField, Contract, Feature, IntegerField, NumberField
from augury.ir.nodes import Bin, Category, Clip, Impute, Link, Lookup, Missing, Number, Scalar, Standardize, Stretch


def find_magnitude(contract: Contract, lowered: Link) -> float:
    """Find a bound of the sum of the magnitudes of all terms of a lowered model, in log-odds; infinite for none."""
    linear = lowered.margins[0]
    features = {field.name: field for field in contract.features}
    total = abs(linear.intercept)
    for node, weight in zip(linear.inputs, linear.weights, strict=True):
        largest = _find_largest(cast("Scalar", node), features)
        total += largest * abs(weight) if weight else (inf if largest == inf else 0.0)
    return total


def _find_largest(node: Scalar, features: dict[str, Feature]) -> float:
    match node:
        case Number():
            return _find_field_largest(features[node.field])
        case Missing():
            return 1.0
        case Impute():
            return max(abs(node.value), _find_largest(node.x, features))
        case Standardize():
            return (_find_largest(node.x, features) + abs(node.center)) / abs(node.scale)
        case Stretch():
            return _find_largest(node.x, features) * abs(node.scale) + abs(node.shift)
        case Clip():
            # What is clipped is computed before: beyond a double it would be, even if the clipped number is not.
            inner = _find_largest(node.x, features)
            return inf if inner == inf else max(abs(node.low), abs(node.high))
        case Lookup():
            others = [abs(value) for value in (node.missing, node.unseen) if value is not None]
            largest = max([*map(abs, node.values), *others])
            if isinstance(node.x, Category):
                return largest
            return inf if _find_largest(cast("Bin", node.x).x, features) == inf else largest


def _find_field_largest(field: Feature) -> float:
    if isinstance(field, BooleanField):
        return 1.0
    if isinstance(field, CategoryField):
        return inf if field.is_text else max(abs(float(level)) for level in field.levels)
    return _find_number_largest(field)


def _find_number_largest(field: NumberField | IntegerField) -> float:
    if field.seen is None:
        return 2.0**53 if isinstance(field, IntegerField) else inf
    if field.far == "note":
        return 2.0**53 if isinstance(field, IntegerField) else inf
    # Beyond `accepted` is far, and refused; so is beyond `seen` where nothing more is accepted, or near is refused.
    accepted = field.accepted or field.seen
    bounds = field.seen if field.near == "refuse" else accepted
    return max(abs(bounds.low), abs(bounds.high))
