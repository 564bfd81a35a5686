"""``SimpleImputer``: what stands where a value is missing, and the columns that say that it was."""

from __future__ import annotations

import math

from msgspec import structs

from augury.errors import UnsupportedError
from augury.frontends.attributes import attributes
from augury.frontends.columns import Coded, Column, Numeric, Raw, is_number, map_column
from augury.frontends.plain import Attributes, is_missing, is_nan, read_code, read_series
from augury.frontends.reading import Block, Reading
from augury.ir.nodes import Impute, Missing
from augury.ir.walk import can_be_missing, find_field


def read_simple_imputer(attrs: Attributes, block: Block, reading: Reading) -> Block:
    """Read a fitted SimpleImputer: its statistics, and its indicator's columns after them."""
    if not is_missing(attrs.get("missing_values", math.nan)):
        why = f"{attrs['missing_values']!r} stands for missing; make it NaN in the table and fit again"
        raise UnsupportedError([("missing_values", why)])
    statistics = read_series(attrs, "statistics_")
    if len(statistics) != len(block.columns):
        raise UnsupportedError([("statistics_", f"it knows {len(statistics)} columns, not {len(block.columns)}")])
    columns = [
        _fill(column, statistic)
        for column, statistic in zip(block.columns, statistics, strict=True)
        # training saw no value: such a column is left out, unless `keep_empty_features` made its statistic a number
        if not is_nan(statistic)
    ]
    if attrs.get("add_indicator") is True:
        columns += [_indicate(block.columns[at], reading) for at in _read_indicator(attrs, len(block.columns))]
    return Block(columns, is_sparse=block.is_sparse)


def _fill(column: Column, statistic: object) -> Column:
    if not isinstance(statistic, str | int | float):
        raise UnsupportedError([("statistics_", f"it fills with {statistic!r}, neither text nor number nor boolean")])
    if not isinstance(statistic, str):
        read_code(statistic, "statistics_")
    if isinstance(column, Raw):
        return column if column.fill is not None else Raw(column.field, statistic)
    if isinstance(column, Numeric) and not can_be_missing(column.node):
        return column
    value = read_code(statistic, "statistics_")
    return map_column(column, lambda x: Impute(x, value), lambda number: value if math.isnan(number) else number)


def _read_indicator(attrs: Attributes, count: int) -> list[int]:
    positions = read_series(attributes(attrs.get("indicator_")), "features_")
    found = [at for at in positions if isinstance(at, int) and 0 <= at < count]
    if len(found) != len(positions):
        raise UnsupportedError([("indicator_", "it names a column that is not there")])
    return found


def _indicate(column: Column, reading: Reading) -> Column:
    """Make the column that is 1 where a column is missing, else 0."""
    if isinstance(column, Coded):
        missing, unseen = (
            None if part is None else float(not is_number(part)) for part in (column.missing, column.unseen)
        )
        group = reading.next_group()
        return structs.replace(column, values={}, default=0.0, missing=missing, unseen=unseen, group=group)
    if isinstance(column, Raw):
        if column.fill is None:
            return Numeric(Missing(column.field))
    elif can_be_missing(column.node):
        return Numeric(Missing(find_field(column.node)))
    raise UnsupportedError([("indicator_", "it indicates a column that a step before has already filled")])
