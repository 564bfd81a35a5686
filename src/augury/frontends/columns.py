"""The columns that flow through a pipeline while it is read: what each step makes of a field, as a value.

::

    Raw      a field that nothing has read yet        a column of the table
    Numeric  a number computed from a field           what a scaler makes
    Coded    a number for each state of a source      what an encoder makes

A fitted encoder is a finite table, so whatever later steps do to its columns is done here once for each state, in the
same 64-bit arithmetic. NaN stands for *missing* and None for *no rule* while a pipeline is read; neither leaves here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from msgspec import Struct, structs

from augury.errors import UnsupportedError
from augury.ir.nodes import Bin, Impute, Number, Scalar

Key = str | int | bool
"""A level of a field, or the number of a bin."""


class Raw(Struct, frozen=True):
    """A field as it stands in the table; ``fill`` is what an imputer puts where it is missing."""

    field: str
    fill: Key | float | None = None


class Numeric(Struct, frozen=True):
    """A 64-bit float computed from a field."""

    node: Scalar


class Coded(Struct, frozen=True):
    """A number for each state of a source.

    Args:
        source: the field whose levels are the keys, or the binned number whose bins are.
        keys: all states but missing and unseen, in the source's order; shared by the columns of one encoder.
        values: the number of those keys for which it is not ``default``.
        default: the number of all other keys.
        missing: the number where the source is missing; NaN if it stays missing, None if there is no rule.
        unseen: the same where the level is unseen.
        group: which columns were made together, of one source.
        is_single: whether the source library holds the column in 32 bits.
    """

    source: str | Bin
    keys: tuple[Key, ...]
    values: Mapping[Key, float]
    default: float
    missing: float | None
    unseen: float | None
    group: int
    is_single: bool = False


Column = Raw | Numeric | Coded


def read_number(column: Raw | Numeric) -> Scalar:
    """Answer the scalar of a column, where a field that nothing has read yet is read as a number."""
    if isinstance(column, Numeric):
        return column.node
    number = Number(column.field)
    if column.fill is None:
        return number
    if isinstance(column.fill, str):
        raise UnsupportedError(
            [(column.field, f"it is filled with the text {column.fill!r} and then read as a number")]
        )
    return Impute(number, float(column.fill))


def map_column(column: Column, node: Callable[[Scalar], Scalar], number: Callable[[float], float]) -> Column:
    """Apply arithmetic to a column: as a node to a scalar, as numbers to the states of a coded one.

    ``number`` is given NaN for missing and answers NaN for it unless it is an imputation.
    """
    if not isinstance(column, Coded):
        return Numeric(node(read_number(column)))
    return structs.replace(
        column,
        values={key: number(value) for key, value in column.values.items()},
        default=number(column.default),
        missing=None if column.missing is None else number(column.missing),
        unseen=None if column.unseen is None else number(column.unseen),
    )


def is_number(value: float | None) -> bool:
    """Tell a number from the two states that have none."""
    return value is not None and not math.isnan(value)
