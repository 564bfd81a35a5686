"""Check a model that came from a file: every reference, index, width and number in it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from augury.contract.fields import BooleanField, CategoryField, Contract, Feature
from augury.errors import ContractError
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
from augury.ir.walk import find_rules, find_width


def check_predictor(contract: Contract, predictor: Link) -> None:
    """Check that a model reads only what the contract gives and has a rule for all that the contract accepts.

    Raises:
        ContractError: with every problem found.
    """
    problems = list(_Checker(contract).find_problems(predictor))
    if not problems:
        problems = list(find_policy_problems(contract, predictor))
    if problems:
        raise ContractError("; ".join(problems), where="model", mend="compile the model again")


def find_policy_problems(contract: Contract, predictor: Link) -> Iterator[str]:
    """Find the fields whose policy accepts a state that the model has no rule for."""
    rules = find_rules(predictor)
    for field in contract.features:
        if field.name not in rules:
            continue
        if (field.null == "impute" or field.absent == "optional") and not rules[field.name].missing:
            yield f"the contract accepts {field.name!r} missing, and the model has no rule for that"
        if isinstance(field, CategoryField) and field.unseen == "note" and not rules[field.name].unseen:
            yield f"the contract accepts unseen levels of {field.name!r}, and the model has no rule for them"


class _Checker:
    def __init__(self, contract: Contract) -> None:
        self._fields: dict[str, Feature] = {field.name: field for field in contract.features}

    def find_problems(self, predictor: Link) -> Iterator[str]:
        if len(predictor.margins) != 1:
            yield f"a sigmoid takes one margin, not {len(predictor.margins)}"
        for linear in predictor.margins:
            yield from self._check_linear(linear)

    def _check_linear(self, linear: Linear) -> Iterator[str]:
        for node in linear.inputs:
            yield from self._check_wide(node) if isinstance(node, OneHot) else self._check_scalar(node)
        width = sum(find_width(node) for node in linear.inputs)
        if width != len(linear.weights):
            yield f"a sum has {len(linear.weights)} weights for {width} columns"
        if not all(map(math.isfinite, (linear.intercept, *linear.weights))):
            yield "a weight or the intercept is not finite"

    def _check_wide(self, node: OneHot) -> Iterator[str]:
        yield from self._check_binned(node.x)
        size = self._find_size(node.x)
        if not all(0 <= column < size for column in node.columns) or len(set(node.columns)) < len(node.columns):
            yield f"a one-hot has a column beyond its {size} bins, or two for one bin"

    def _check_scalar(self, node: Scalar) -> Iterator[str]:
        match node:
            case Number() | Missing():
                yield from self._check_field(node)
            case Lookup():
                yield from self._check_binned(node.x)
                if len(node.values) != self._find_size(node.x):
                    yield f"a lookup has {len(node.values)} values for {self._find_size(node.x)} bins"
                yield from _check_finite(node.values + tuple(x for x in (node.missing, node.unseen) if x is not None))
            case Impute() | Standardize() | Stretch() | Clip():
                yield from self._check_scalar(node.x)
                yield from _check_arithmetic(node)

    def _check_binned(self, node: Binned) -> Iterator[str]:
        match node:
            case Category():
                yield from self._check_field(node)
            case Bin():
                yield from self._check_scalar(node.x)
                yield from _check_finite(node.edges)
                if any(low >= high for low, high in zip(node.edges, node.edges[1:], strict=False)):
                    yield "the edges of a bin do not increase"
            case Regroup():
                yield from self._check_binned(node.x)
                if len(node.groups) != self._find_size(node.x):
                    yield f"a regrouping has {len(node.groups)} groups for {self._find_size(node.x)} bins"
                groups = (*node.groups, node.missing, node.unseen)
                if not all(group is None or 0 <= group < node.size for group in groups):
                    yield f"a regrouping leads beyond its {node.size} bins"

    def _check_field(self, node: Number | Missing | Category) -> Iterator[str]:
        field = self._fields.get(node.field)
        if field is None:
            yield f"the model reads {node.field!r}, which is no feature of the contract"
        elif isinstance(node, Category) and not isinstance(field, CategoryField | BooleanField):
            yield f"the model reads {node.field!r} as a category, and it is none"
        elif isinstance(node, Number) and isinstance(field, CategoryField) and field.is_text:
            yield f"the model reads {node.field!r} as a number, and its levels are text"

    def _find_size(self, node: Binned) -> int:
        match node:
            case Category():
                field = self._fields.get(node.field)
                return len(field.levels) if isinstance(field, CategoryField) else 2
            case Bin():
                return len(node.edges) + 1
            case Regroup():
                return node.size


def _check_arithmetic(node: Impute | Standardize | Stretch | Clip) -> Iterator[str]:
    match node:
        case Impute():
            yield from _check_finite((node.value,))
        case Standardize():
            yield from _check_finite((node.center, node.scale))
            if node.scale == 0.0:
                yield "a standardization divides by zero"
        case Stretch():
            yield from _check_finite((node.scale, node.shift))
            if node.scale == 0.0:
                # Infinity times zero is no number, and no two ways of finding the bin of that agree.
                yield "a stretch multiplies by zero"
        case Clip():
            yield from _check_finite((node.low, node.high))
            if node.low > node.high:
                yield "a clip has its limits crossed"


def _check_finite(numbers: tuple[float, ...]) -> Iterator[str]:
    if not all(map(math.isfinite, numbers)):
        yield "a constant is not finite"
