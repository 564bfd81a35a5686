"""The SQL target: the margin as one expression over the columns of a table.

The products are those of :mod:`augury.ir.reference`, each rounded as there; their sum is a balanced tree of additions
in 64-bit floats, where the reference's is exact, so that the two differ by at most
:func:`augury.targets.parity.find_bound`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, Protocol, cast

from sqlglot import exp

from augury.ir.nodes import (
    Bin,
    Category,
    Clip,
    Decide,
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
from augury.ir.unsupported import Unsupported, find_answer
from augury.ir.walk import find_field
from augury.sql.build import Node, deny, group, is_null, when
from augury.sql.dialect import Dialect
from augury.sql.guards import Guards


class Fields(Protocol):
    """What the columns say to the fields, for the rows that are to be scored; a margin of null is none."""

    def number(self, field: str) -> Node:
        """Write a field as a 64-bit float; null where it is missing."""

    def missing(self, field: str) -> Node:
        """Write whether a field is missing."""

    def look_up(self, field: str, values: tuple[Node, ...], missing: Node | None, unseen: Node | None) -> Node:
        """Write the value of the level of a field; a boolean's levels are false and true."""


def write_terms(dialect: Dialect, fields: Fields, lowered: Link, guards: Guards, *, unit: float = 1.0) -> list[Node]:
    """Write the terms of a lowered model of two classes, the intercept first.

    ``unit`` scales every term, and so the margin: by a power of two, which changes no digit. Where an engine stops at
    a number beyond a double, sums in a small unit are never there, and products are guarded.
    """
    linear = lowered.margins[0]
    writer = _Writer(dialect, fields, guards, unit)
    products = [
        writer.write_product(cast("Scalar", node), weight)
        for node, weight in zip(linear.inputs, linear.weights, strict=True)
    ]
    return [writer.literal(linear.intercept), *products]


class _Writer:
    """Write expressions in one unit."""

    def __init__(self, dialect: Dialect, fields: Fields, guards: Guards, unit: float) -> None:
        self.dialect = dialect
        self.fields = fields
        self.guards = guards
        self.unit = unit

    def write_product(self, node: Scalar, weight: float) -> Node:
        """Write a product; a weight of exactly 1 changes no bit and is left out."""
        x = self.write(node)
        return x if weight == 1.0 else self.guards.multiply(x, self.guards.find_reach(node, self.unit), weight)

    def write(self, node: object) -> Node:
        """Write the expression of one node, by the table of this target."""
        return find_answer(NODES, node)(self, node)

    def literal(self, number: float) -> Node:
        """Write a constant in the unit.

        One that lowering computed may be beyond a double: a row with it has no margin, as null has none.
        """
        return self.dialect.write_number(number * self.unit) if isfinite(number) else exp.Null()

    def missing(self, node: Scalar | Bin) -> Node:
        """Write whether the field of a node is missing."""
        return self.fields.missing(find_field(node))


def _write_number(writer: _Writer, node: Number) -> Node:
    number = writer.fields.number(node.field)
    if writer.unit == 1.0:
        return number
    return writer.guards.multiply(number, writer.guards.find_reach(node), writer.unit)


def _write_missing(writer: _Writer, node: Missing) -> Node:
    return when([(writer.fields.missing(node.field), writer.literal(1.0))], writer.literal(0.0))


def _write_impute(writer: _Writer, node: Impute) -> Node:
    # Null is missing, or a row that is not to be scored.
    fill = when([(writer.missing(node.x), writer.literal(node.value))])
    return exp.Coalesce(this=writer.write(node.x), expressions=[fill])


def _write_standardize(writer: _Writer, node: Standardize) -> Node:
    difference = exp.Sub(this=group(writer.write(node.x)), expression=writer.literal(node.center))
    reach = writer.guards.find_reach(node.x, writer.unit).shift(node.center * writer.unit)
    return writer.guards.divide(difference, reach, node.scale)


def _write_stretch(writer: _Writer, node: Stretch) -> Node:
    product = writer.guards.multiply(writer.write(node.x), writer.guards.find_reach(node.x, writer.unit), node.scale)
    return exp.Add(this=product, expression=writer.literal(node.shift))


def _write_clip(writer: _Writer, node: Clip) -> Node:
    low, high = writer.literal(node.low), writer.literal(node.high)
    below = exp.LT(this=group(writer.write(node.x)), expression=low)
    above = exp.GT(this=group(writer.write(node.x)), expression=high)
    return when([(below, low.copy()), (above, high.copy())], writer.write(node.x))


def _write_lookup(writer: _Writer, node: Lookup) -> Node:
    values = tuple(map(writer.literal, node.values))
    missing = None if node.missing is None else writer.literal(node.missing)
    if isinstance(node.x, Category):
        unseen = None if node.unseen is None else writer.literal(node.unseen)
        return writer.fields.look_up(node.x.field, values, missing, unseen)
    return _write_bins(writer, cast("Bin", node.x), values, missing)


def _write_bins(writer: _Writer, node: Bin, values: tuple[Node, ...], missing: Node | None) -> Node:
    """Write bins from the highest down; a null is in none of them."""
    found: list[tuple[Node, Node]] = [
        (exp.GTE(this=group(writer.write(node.x)), expression=writer.literal(edge)), value)
        for edge, value in zip(reversed(node.edges), reversed(values[1:]), strict=True)
    ]
    found.append((deny(is_null(group(writer.write(node.x)))), values[0]))
    if missing is not None:
        found.append((writer.missing(node.x), missing))
    return when(found)


# How this target says each node: a function, or why not.
NODES: dict[type, Callable[[_Writer, Any], Node] | Unsupported] = {
    Number: _write_number,
    Missing: _write_missing,
    Impute: _write_impute,
    Standardize: _write_standardize,
    Stretch: _write_stretch,
    Clip: _write_clip,
    Lookup: _write_lookup,
    Category: Unsupported("read through Lookup, to which every use of a category is lowered"),
    Bin: Unsupported("read through Lookup, to which every use of a bin is lowered"),
    Regroup: Unsupported("lowered into the Lookup that reads it"),
    OneHot: Unsupported("lowered, with its weights, into Lookup"),
    Linear: Unsupported("written by write_terms itself, as the sum"),
    Link: Unsupported("written over the margin by the statement"),
    Decide: Unsupported("written over the probability by the statement"),
}
