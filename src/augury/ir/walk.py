"""Walk a model: which field a term reads, and which states of that field it has a rule for."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from augury.ir.nodes import (
    Bin,
    Binned,
    Category,
    Clip,
    Impute,
    Input,
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


class Rules(Struct, frozen=True):
    """The states of a field that every term which reads it has a rule for."""

    missing: bool
    unseen: bool


def find_field(node: Input | Binned) -> str:
    """Find the one field that a node reads: nodes below a sum have one input, so there is exactly one."""
    while not isinstance(node, Number | Missing | Category):
        node = node.x
    return node.field


def iter_terms(linear: Linear) -> Iterator[tuple[Input, tuple[float, ...]]]:
    """Yield each input with the weights of its columns."""
    at = 0
    for node in linear.inputs:
        width = find_width(node)
        yield node, linear.weights[at : at + width]
        at += width


def find_width(node: Input) -> int:
    """Count the columns of an input."""
    return len(node.columns) if isinstance(node, OneHot) else 1


def find_rules(predictor: Link) -> dict[str, Rules]:
    """Find, for each field that is read, whether missing and unseen have a rule in every term."""
    rules: dict[str, Rules] = {}
    for linear in predictor.margins:
        for node in linear.inputs:
            field = find_field(node)
            known = rules.get(field, Rules(missing=True, unseen=True))
            rules[field] = Rules(
                missing=known.missing and accepts_missing(node), unseen=known.unseen and accepts_unseen(node)
            )
    return rules


def accepts_missing(node: Input) -> bool:
    """Tell whether a term has a number where its field is missing."""
    if isinstance(node, OneHot):
        return node.missing or not can_be_missing(node.x)
    return not can_be_missing(node)


def can_be_missing(node: Scalar | Binned) -> bool:
    """Tell whether a node is still missing (or without a rule) when its field is missing."""
    match node:
        case Number() | Category():
            return True
        case Impute() | Missing():
            return False
        case Lookup():
            return node.missing is None and can_be_missing(node.x)
        case Regroup():
            return node.missing is None and can_be_missing(node.x)
        case Standardize() | Stretch() | Clip() | Bin():
            return can_be_missing(node.x)


def accepts_unseen(node: Input) -> bool:
    """Tell whether a term has a number where the level of its field is unseen."""
    match node:
        case OneHot():
            return node.unseen or not _can_be_unseen(node.x)
        case Lookup():
            return node.unseen is not None or not _can_be_unseen(node.x)
        case Number():
            return False
        case Missing():
            return True
        case Impute() | Standardize() | Stretch() | Clip():
            return accepts_unseen(node.x)


def _can_be_unseen(node: Binned) -> bool:
    match node:
        case Category():
            return True
        case Regroup():
            return node.unseen is None and _can_be_unseen(node.x)
        case Bin():
            return not accepts_unseen(node.x)
