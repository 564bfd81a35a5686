"""Show a model as a text that a person can check: the formula, and what each level or unit adds to the margin.

The model is shown lowered, which keeps every bit: a one-hot encoding with its weights reads as one number a level.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from augury.contract.fields import BooleanField, CategoryField, Contract, Feature
from augury.ir.lower import lower_predictor
from augury.ir.nodes import (
    Bin,
    Binned,
    Clip,
    Impute,
    Link,
    Lookup,
    Missing,
    Number,
    OneHot,
    Scalar,
    Standardize,
    Stretch,
)
from augury.ir.walk import find_field, iter_terms

# More levels than this, each a multiple of one weight, are better shown as that weight.
_MAX_MULTIPLES = 12
# Below this, four decimals would leave fewer than two digits.
_SMALL = 1e-3


class Weight(Struct, frozen=True):
    """One line of the scorecard: ``log_odds`` is added to the margin ``when`` that is so of the field."""

    field: str
    when: str
    log_odds: float


def find_weights(contract: Contract, predictor: Link) -> tuple[Weight, ...]:
    """Find the scorecard of a model of two classes, in the order of its terms; a field may have several."""
    fields = {field.name: field for field in contract.features}
    linear = lower_predictor(contract, predictor).margins[0]
    return tuple(
        Weight(field.name, when, log_odds)
        for node, (weight,) in iter_terms(linear)
        if not isinstance(node, OneHot)  # none is left after lowering
        for field in (fields[find_field(node)],)
        for when, log_odds in _iter_weights(node, weight, field)
    )


def show_predictor(contract: Contract, predictor: Link) -> str:
    """Write the formula of a model: its intercept, its scorecard in log-odds, its link."""
    weights = find_weights(contract, predictor)
    shown = [(weight.field, weight.when, show_log_odds(weight.log_odds)) for weight in weights]
    widths = [max((len(row[column]) for row in shown), default=0) for column in range(3)]
    lines = [f"margin = {show_log_odds(predictor.margins[0].intercept)} + the sum of these, in log-odds:"]
    previous = ""
    for field, when, log_odds in shown:
        name = "" if field == previous else field
        lines.append(f"  {name:{widths[0]}}  {when:{widths[1]}}  {log_odds:>{widths[2]}}")
        previous = field
    lines.append("probability = 1 / (1 + exp(-margin))")
    return "\n".join(lines)


def show_log_odds(log_odds: float) -> str:
    """Write log-odds with their sign and four decimals, which are more than anybody decides by."""
    log_odds += 0.0  # -0.0 becomes 0.0, which is what it adds
    # A weight for each unit of a large number is small and matters: it is written by powers.
    return f"{log_odds:+.4f}" if log_odds == 0.0 or abs(log_odds) >= _SMALL else f"{log_odds:+.3e}"


def _iter_weights(node: Scalar, weight: float, field: Feature) -> Iterator[tuple[str, float]]:
    match node:
        case Missing():
            yield "is missing", weight
        case Lookup():
            for when, value in _iter_cases(node, field):
                yield when, weight * value
        case Number() if (values := _find_multiples(field)) is not None:
            for when, value in values:
                yield when, weight * value
        case Impute(Number() as number, value) if (values := _find_multiples(field)) is not None:
            yield from _iter_weights(number, weight, field)
            yield "(missing)", weight * value
        case _:
            expression = _show(node)
            yield "each unit" if expression == field.name else f"each unit of {expression}", weight


def _find_multiples(field: Feature) -> list[tuple[str, float]] | None:
    """Find what a field that is read as a number can be, where that is a short list."""
    if isinstance(field, BooleanField):
        return [("false", 0.0), ("true", 1.0)]
    if isinstance(field, CategoryField) and len(field.levels) <= _MAX_MULTIPLES:
        return [(str(level), float(level)) for level in field.levels]
    return None


def _iter_cases(node: Lookup, field: Feature) -> Iterator[tuple[str, float]]:
    """Yield each bin of a lookup in words, with its value; then the states that have a rule."""
    yield from zip(_name_bins(node.x, field), node.values, strict=True)
    if node.missing is not None:
        yield "(missing)", node.missing
    if node.unseen is not None:
        yield "(a level not seen)", node.unseen


def _name_bins(binned: Binned, field: Feature) -> list[str]:
    if not isinstance(binned, Bin):  # lowering leaves nothing else but the category itself
        return [str(level) for level in field.levels] if isinstance(field, CategoryField) else ["false", "true"]
    x = _show(binned.x)
    subject = "" if x == field.name else f"{x} "
    edges = [_show_number(edge) for edge in binned.edges]
    if not edges:
        return ["any number"]
    inner = [f"{subject}{low} to under {high}" for low, high in pairwise(edges)]
    return [f"{subject}under {edges[0]}", *inner, f"{subject}{edges[-1]} or more"]


def _show(node: Scalar) -> str:
    match node:
        case Number():
            return node.field
        case Missing():
            return f"({node.field} is missing)"
        case Impute():
            return f"({_show(node.x)}, {_show_number(node.value)} where missing)"
        case Standardize():
            return f"({_show(node.x)} - {_show_number(node.center)}) / {_show_number(node.scale)}"
        case Stretch():
            return f"({_show(node.x)} * {_show_number(node.scale)} + {_show_number(node.shift)})"
        case Clip():
            return f"({_show(node.x)} limited to {_show_number(node.low)} … {_show_number(node.high)})"
        case Lookup():
            return f"the number of {find_field(node)}'s bin"


def _show_number(number: float) -> str:
    """Write a constant so that its line can be read; the artifact has all its digits."""
    return f"{number:.6g}"
