"""Lower a model: big nodes become smaller ones, every bit of every answer kept.

* ``OneHot`` with its weights becomes ``Lookup`` with weight 1: its products are the weight itself and zeros, and an
  exact sum does not see zeros.
* ``Lookup`` of ``Regroup`` becomes ``Lookup`` of what is regrouped.
* Arithmetic on a ``Lookup`` becomes a ``Lookup`` of the results.

Scaling is never folded into weights and sums are never reordered: that would change bits.
"""

from __future__ import annotations

from bisect import bisect_right

from msgspec import structs

from augury.contract.fields import CategoryField, Contract
from augury.ir.nodes import (
    Bin,
    Binned,
    Category,
    Clip,
    Impute,
    Linear,
    Link,
    Lookup,
    Missing,
    Number,
    OneHot,
    Regroup,
    Scalar,
    Standardize,
    Stretch,
)
from augury.ir.walk import can_be_missing, iter_terms


def lower_predictor(contract: Contract, predictor: Link) -> Link:
    """Lower every sum of a model until its inputs are scalars and its lookups read fields or bins."""
    sizes = {field.name: len(field.levels) if isinstance(field, CategoryField) else 2 for field in contract.features}
    return Link(tuple(_lower_linear(linear, sizes) for linear in predictor.margins), predictor.function)


def _lower_linear(linear: Linear, sizes: dict[str, int]) -> Linear:
    inputs: list[Scalar] = []
    weights: list[float] = []
    for node, node_weights in iter_terms(linear):
        if isinstance(node, OneHot):
            inputs.append(_lower_lookup(_lower_one_hot(node, node_weights, sizes)))
            weights.append(1.0)
        else:
            inputs.append(_lower_scalar(node))
            weights.extend(node_weights)
    return Linear(tuple(inputs), tuple(weights), linear.intercept)


def _lower_one_hot(node: OneHot, weights: tuple[float, ...], sizes: dict[str, int]) -> Lookup:
    by_bin = dict(zip(node.columns, weights, strict=True))
    values = tuple(by_bin.get(index, 0.0) for index in range(_find_size(node.x, sizes)))
    return Lookup(node.x, values, 0.0 if node.missing else None, 0.0 if node.unseen else None)


def _lower_scalar(node: Scalar) -> Scalar:
    if isinstance(node, Lookup):
        return _lower_lookup(node)
    if isinstance(node, Number | Missing):
        return node
    x = _lower_scalar(node.x)
    if isinstance(x, Lookup) and isinstance(x.x, Category):
        return _evaluate(node, x)
    return structs.replace(node, x=x)


def _lower_lookup(node: Lookup) -> Lookup:
    binned = _lower_binned(node.x)
    while isinstance(binned, Regroup):
        values = tuple(node.values[group] for group in binned.groups)
        missing = node.missing if binned.missing is None else node.values[binned.missing]
        unseen = node.unseen if binned.unseen is None else node.values[binned.unseen]
        node = Lookup(binned.x, values, missing, unseen)
        binned = binned.x
    # A rule for a state that cannot come here any more would only be noise.
    return Lookup(binned, node.values, node.missing if can_be_missing(binned) else None, node.unseen)


def _lower_binned(node: Binned) -> Binned:
    if isinstance(node, Category):
        return node
    if isinstance(node, Regroup):
        return structs.replace(node, x=_lower_binned(node.x))
    x = _lower_scalar(node.x)
    if not (isinstance(x, Lookup) and isinstance(x.x, Category)):
        return Bin(x, node.edges)
    groups = tuple(bisect_right(node.edges, value) for value in x.values)
    missing = None if x.missing is None else bisect_right(node.edges, x.missing)
    unseen = None if x.unseen is None else bisect_right(node.edges, x.unseen)
    return Regroup(x.x, len(node.edges) + 1, groups, missing, unseen)


def _evaluate(node: Impute | Standardize | Stretch | Clip, x: Lookup) -> Lookup:
    """Evaluate arithmetic on the values of a lookup beforehand: the same operations on the same numbers."""
    values = tuple(_compute(node, value) for value in x.values)
    unseen = None if x.unseen is None else _compute(node, x.unseen)
    if x.missing is not None:
        return Lookup(x.x, values, _compute(node, x.missing), unseen)
    return Lookup(x.x, values, node.value if isinstance(node, Impute) else None, unseen)


def _compute(node: Impute | Standardize | Stretch | Clip, x: float) -> float:
    match node:
        case Impute():
            return x
        case Standardize():
            return (x - node.center) / node.scale
        case Stretch():
            return x * node.scale + node.shift
        case Clip():
            return node.low if x < node.low else node.high if x > node.high else x  # noqa: FURB136 - as defined


def _find_size(node: Binned, sizes: dict[str, int]) -> int:
    match node:
        case Category():
            return sizes[node.field]
        case Bin():
            return len(node.edges) + 1
        case Regroup():
            return node.size
