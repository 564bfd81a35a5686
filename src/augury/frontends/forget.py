"""Forget levels that a model treats as it treats one that it never saw: nothing is lost, and no rare level is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from augury.contract.fields import CategoryField, Contract, Feature
from augury.contract.values import UNSEEN
from augury.frontends.fitted import Fitted
from augury.ir.nodes import Binned, Category, Input, Linear, Link, Lookup, Missing, Number, OneHot, Regroup, Scalar
from augury.ir.reference import Reference
from augury.ir.walk import find_field, find_rules, find_width

_Node = TypeVar("_Node", bound=Input | Binned)


def forget_levels(fitted: Fitted, names: Collection[str]) -> Fitted:
    """Take out of the named categories each level whose columns are those of an unseen one; every bit is kept.

    A category of which no level would be left keeps all, as does one without a rule for an unseen level.
    """
    rules = find_rules(fitted.predictor)
    kept = {
        field.name: _find_kept(field, fitted.predictor)
        for field in fitted.features
        if isinstance(field, CategoryField) and field.name in names and rules[field.name].unseen
    }
    kept = {name: places for name, places in kept.items() if places}
    margins = tuple(
        replace(
            linear,
            inputs=tuple(
                _forget(node, kept[find_field(node)]) if find_field(node) in kept else node for node in linear.inputs
            ),
        )
        for linear in fitted.predictor.margins
    )
    features = tuple(_keep_levels(field, kept.get(field.name)) for field in fitted.features)
    return replace(fitted, features=features, predictor=replace(fitted.predictor, margins=margins))


def _find_kept(field: CategoryField, predictor: Link) -> list[int]:
    """Find the places of the levels whose columns are not those of an unseen one."""
    nodes = tuple(node for linear in predictor.margins for node in linear.inputs if find_field(node) == field.name)
    # Weights of 1 make the products the columns themselves: two levels of one weight by chance are still two.
    ones = (1.0,) * sum(map(find_width, nodes))
    reference = Reference(Contract(fields=(field,)), Link((Linear(nodes, ones, 0.0),)))
    unseen = reference.compute_products({field.name: UNSEEN})
    return [at for at, level in enumerate(field.levels) if reference.compute_products({field.name: level}) != unseen]


def _keep_levels(field: Feature, kept: Sequence[int] | None) -> Feature:
    if kept is None or not isinstance(field, CategoryField):
        return field
    return replace(field, levels=tuple(field.levels[at] for at in kept))


def _forget(node: _Node, kept: Sequence[int]) -> _Node:
    """Renumber the levels in the one node that reads them."""
    if isinstance(node, Number | Missing | Category):
        return node
    below: Scalar | Binned = node.x
    changed: Any
    if not isinstance(below, Category):
        changed = replace(node, x=_forget(below, kept))
    elif isinstance(node, OneHot):
        # A level with a column of its own is not treated as unseen, so every column is kept.
        changed = replace(node, columns=tuple(kept.index(column) for column in node.columns))
    elif isinstance(node, Regroup):
        changed = replace(node, groups=tuple(node.groups[at] for at in kept))
    else:
        lookup = cast("Lookup", node)
        changed = replace(lookup, values=tuple(lookup.values[at] for at in kept))
    return cast("_Node", changed)
