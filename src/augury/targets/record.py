"""The record target: one generated Python function that scores one decoded row.

The function receives its constants and tables as values in its globals, so that no number is ever spelt in source
text, and its source is registered in :mod:`linecache`, so that a traceback shows its lines. It agrees with
:mod:`augury.ir.reference` bit for bit (design of the sum: Shewchuk 1997, as :func:`math.fsum`).
"""

from __future__ import annotations

import linecache
import weakref
from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import count
from math import fsum
from typing import Any, cast

from msgspec import Struct

from augury.contract.fields import BooleanField, CategoryField, Contract, Feature
from augury.contract.values import UNSEEN
from augury.contract.wire import Row
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
from augury.ir.walk import can_be_missing, find_field

# Each compiled function gets a file name of its own, so that the lines of one never show for another.
_SERIAL = count()


class RecordFunction(Struct, frozen=True):
    """A generated scorer of rows.

    Args:
        compute_margin: from a row to the margin; raises OverflowError or ValueError, or gives a number that is not
            finite, when a term or the sum overflows.
        compute_terms: from a row to the terms of the sum, without the intercept, in the order of the lowered inputs.
        term_fields: for each term the index of its field among the contract's features.
        intercept: of the sum.
        source: what was generated.
        namespace: the constants and tables that it reads.
    """

    compute_margin: Callable[[Row], float]
    compute_terms: Callable[[Row], tuple[float, ...]]
    term_fields: tuple[int, ...]
    intercept: float
    source: str
    namespace: Mapping[str, Any]


def compile_record(contract: Contract, lowered: Link) -> RecordFunction:
    """Compile a lowered model of two classes into a function over the rows of its contract."""
    linear = lowered.margins[0]
    writer = _Writer(contract)
    terms = [writer.write_term(node, weight) for node, weight in zip(linear.inputs, linear.weights, strict=True)]  # type: ignore[arg-type]
    intercept = writer.add_value(linear.intercept)
    source = (
        f"def compute_margin(row):\n    return fsum(({intercept},\n        {_join(terms)}))\n\n\n"
        f"def compute_terms(row):\n    return ({_join(terms)})\n"
    )
    namespace = writer.namespace
    _execute(source, namespace)
    features = [field.name for field in contract.features]
    return RecordFunction(
        compute_margin=namespace["compute_margin"],
        compute_terms=namespace["compute_terms"],
        term_fields=tuple(features.index(find_field(node)) for node in linear.inputs),
        intercept=linear.intercept,
        source=source,
        namespace=namespace,
    )


def _join(terms: list[str]) -> str:
    return "".join(f"{term},\n        " for term in terms).rstrip()


def _execute(source: str, namespace: dict[str, Any]) -> None:
    name = f"<augury record {next(_SERIAL)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)  # noqa: S102 - the text holds names that this module made, and no others
    # Both functions hold the namespace, so that either is gone when both are.
    weakref.finalize(namespace["compute_margin"], linecache.cache.pop, name, None).atexit = False


class _Writer:
    """Write expressions, and keep the values that they read."""

    def __init__(self, contract: Contract) -> None:
        self.namespace: dict[str, Any] = {"fsum": fsum, "bisect_right": bisect_right}
        self._attributes = {field.name: f"row.f{index}" for index, field in enumerate(contract.features)}
        self._fields: dict[str, Feature] = {field.name: field for field in contract.features}
        self._locals = count()

    def write_term(self, node: Scalar, weight: float) -> str:
        """Write a product; a weight of exactly 1 changes no bit and is left out."""
        x = self.write(node)
        return x if weight == 1.0 else f"{x} * {self.add_value(weight)}"

    def write(self, node: object) -> str:
        """Write the expression of one node, by the table of this target."""
        return find_answer(NODES, node)(self, node)

    def add_value(self, value: Any) -> str:
        """Keep a constant or a table under a fresh name."""
        name = f"v{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def find_attribute(self, field: str) -> str:
        """Find the row's attribute that holds a field."""
        return self._attributes[field]

    def find_field(self, name: str) -> Feature:
        """Find a field of the contract."""
        return self._fields[name]

    def is_maybe_missing(self, node: Scalar | Bin | Category) -> bool:
        """Tell whether a node can be missing in a row that the contract accepts."""
        field = self._fields[find_field(node)]
        return can_be_missing(node) and (field.null == "impute" or field.absent == "optional")

    def write_unless_missing(self, x: Scalar, write: Callable[[str], str], missing: str = "None") -> str:
        """Write what ``write`` makes of the value of ``x``, or ``missing`` where that is missing."""
        if not self.is_maybe_missing(x):
            return write(self.write(x))
        name = f"x{next(self._locals)}"
        return f"({missing} if ({name} := {self.write(x)}) is None else {write(name)})"


def _write_number(writer: _Writer, node: Number) -> str:
    return writer.find_attribute(node.field)


def _write_missing(writer: _Writer, node: Missing) -> str:
    return f"(1.0 if {writer.find_attribute(node.field)} is None else 0.0)"


def _write_impute(writer: _Writer, node: Impute) -> str:
    return writer.write_unless_missing(node.x, lambda x: x, writer.add_value(node.value))


def _write_standardize(writer: _Writer, node: Standardize) -> str:
    center, scale = writer.add_value(node.center), writer.add_value(node.scale)
    return writer.write_unless_missing(node.x, lambda x: f"(({x} - {center}) / {scale})")


def _write_stretch(writer: _Writer, node: Stretch) -> str:
    scale, shift = writer.add_value(node.scale), writer.add_value(node.shift)
    return writer.write_unless_missing(node.x, lambda x: f"({x} * {scale} + {shift})")


def _write_clip(writer: _Writer, node: Clip) -> str:
    clip = writer.add_value(_make_clip(node.low, node.high))
    return writer.write_unless_missing(node.x, lambda x: f"{clip}({x})")


def _make_clip(low: float, high: float) -> Callable[[float], float]:
    return lambda x: low if x < low else high if x > high else x  # noqa: FURB136 - as the node is defined


def _write_lookup(writer: _Writer, node: Lookup) -> str:
    if isinstance(node.x, Category):
        table = writer.add_value(_make_table(writer.find_field(node.x.field), node))
        return f"{table}[{writer.find_attribute(node.x.field)}]"
    edges = cast("Bin", node.x).edges
    values, edge_name = writer.add_value(node.values), writer.add_value(edges)
    missing = "None" if node.missing is None else writer.add_value(node.missing)
    scalar = cast("Bin", node.x).x
    return writer.write_unless_missing(scalar, lambda x: f"{values}[bisect_right({edge_name}, {x})]", missing)


def _make_table(field: Feature, node: Lookup) -> dict[object, float | None]:
    """Make the table from everything that a row may hold for a field to its value: each listed spelling has its own."""
    if isinstance(field, CategoryField):
        table: dict[object, float | None] = dict(zip(field.levels, node.values, strict=True))
        table |= {spelling: table[level] for spelling, level in field.level_spellings.items()}
    else:
        table = dict(zip((False, True), node.values, strict=True)) if isinstance(field, BooleanField) else {}
    return table | {None: node.missing, UNSEEN: node.unseen}


# How this target says each node: a function, or why not.
NODES: dict[type, Callable[[_Writer, Any], str] | Unsupported] = {
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
    Linear: Unsupported("written by compile_record itself, as the whole function"),
    Link: Unsupported("applied to the margin by those who ask for a probability"),
    Decide: Unsupported("applied to the probability by those who ask for a label"),
}
