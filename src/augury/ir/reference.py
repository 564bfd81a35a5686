"""The law: a slow, obvious scorer of the unlowered model, which shares nothing with a target but ``sigmoid``."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

from augury.contract.fields import CategoryField, Contract
from augury.contract.values import UNSEEN, Unseen, Value
from augury.ir.link import sigmoid
from augury.ir.nodes import (
    Bin,
    Binned,
    Category,
    Clip,
    Impute,
    Input,
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

# A bin's number, None for missing, UNSEEN for unseen.
State = int | Unseen | None


class Reference:
    """Score checked values by the definitions of the nodes, one at a time."""

    def __init__(self, contract: Contract, predictor: Link) -> None:
        self._levels = {field.name: field.levels for field in contract.features if isinstance(field, CategoryField)}
        self._predictor = predictor

    def compute_probability(self, values: Mapping[str, Value]) -> float:
        """Compute the probability of the positive class, in [0, 1]."""
        return sigmoid(self.compute_margin(values))

    def compute_margin(self, values: Mapping[str, Value]) -> float:
        """Compute the margin of the positive class.

        Raises:
            OverflowError: a term or the sum is not finite.
            ValueError: a value is in a state for which a term has no rule.
        """
        linear = self._predictor.margins[0]
        return exact_sum((linear.intercept, *self.compute_products(values)))

    def compute_products(self, values: Mapping[str, Value]) -> list[float]:
        """Compute each column times its weight, (n_columns,), log-odds."""
        linear = self._predictor.margins[0]
        columns = [column for node in linear.inputs for column in self._columns(node, values)]
        return [weight * x for weight, x in zip(linear.weights, columns, strict=True)]

    def _columns(self, node: Input, values: Mapping[str, Value]) -> list[float]:
        if not isinstance(node, OneHot):
            x = self._scalar(node, values)
            if x is None:
                raise _NoRuleError(node)
            return [x]
        state = self._bin(node.x, values)
        if (state is None and not node.missing) or (state is UNSEEN and not node.unseen):
            raise _NoRuleError(node)
        return [1.0 if state == column else 0.0 for column in node.columns]

    def _scalar(self, node: Scalar, values: Mapping[str, Value]) -> float | None:
        match node:
            case Number():
                value = values[node.field]
                if value is UNSEEN or isinstance(value, str):
                    raise _NoRuleError(node)
                return None if value is None else float(value)
            case Missing():
                return 1.0 if values[node.field] is None else 0.0
            case Lookup():
                return self._look_up(node, values)
            case Impute() | Standardize() | Stretch() | Clip():
                return _apply(node, self._scalar(node.x, values))

    def _look_up(self, node: Lookup, values: Mapping[str, Value]) -> float | None:
        state = self._bin(node.x, values)
        if state is None:
            return node.missing
        if isinstance(state, int):
            return node.values[state]
        if node.unseen is None:
            raise _NoRuleError(node)
        return node.unseen

    def _bin(self, node: Binned, values: Mapping[str, Value]) -> State:
        """Find the bin, or the state that stands for it."""
        match node:
            case Category():
                value = values[node.field]
                if value is None or value is UNSEEN:
                    return value
                return self._levels.get(node.field, (False, True)).index(value)
            case Bin():
                x = self._scalar(node.x, values)
                return None if x is None else sum(1 for edge in node.edges if edge <= x)
            case Regroup():
                return _regroup(node, self._bin(node.x, values))


def _apply(node: Impute | Standardize | Stretch | Clip, x: float | None) -> float | None:
    if isinstance(node, Impute):
        return node.value if x is None else x
    if x is None:
        return None
    if isinstance(node, Standardize):
        return (x - node.center) / node.scale
    if isinstance(node, Stretch):
        return x * node.scale + node.shift
    if x < node.low:
        return node.low
    return node.high if x > node.high else x  # noqa: FURB136 - the node's definition, which says what -0.0 becomes


def _regroup(node: Regroup, state: State) -> State:
    if state is None:
        return node.missing
    if state is UNSEEN:
        return UNSEEN if node.unseen is None else node.unseen
    return node.groups[state]


class _NoRuleError(ValueError):
    def __init__(self, node: Input) -> None:
        super().__init__(f"the model has no rule for this state of its field in {node}")


def exact_sum(terms: tuple[float, ...]) -> float:
    """Sum exactly and round once.

    Raises:
        OverflowError: a term or the sum is not finite.
    """
    try:
        total = fsum(terms)
    except ValueError as error:  # fsum's word for +inf and -inf among the terms
        raise OverflowError(str(error)) from error
    if total - total != 0.0:
        raise OverflowError("the margin is not finite")
    return total
