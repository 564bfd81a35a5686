"""From checked rows to what an estimator is fitted on: a pandas frame, or records for a DictVectorizer.

A column repeats itself, so that all work is done on its distinct values; rows are gathered by their codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from augury.contract.fields import Feature, Level
from augury.contract.values import Value
from augury.errors import ContractError
from augury.tables.rows import Rows
from augury.training.classes import respell
from augury.training.recipe import Recipe
from augury.training.steps import Steps, find_block, make_steps

# scikit-learn's liblinear refuses a larger number, and the variance of a column overflows from 1e154 on. What is that
# large is seldom measured: 3.4e38 and 1.8e308 are how some systems write that nothing is known.
_LARGEST = 1e30

# Of a category in the frame of the folds, in place of null: no place among the levels.
_NULL_CODE = -1


class Prepared(Struct, frozen=True):
    """The fitting rows, ready for an estimator.

    Args:
        fields: as the estimator knows them, in the recipe's spelling.
        rare: the levels of each field that are in too few rows, in the recipe's spelling; fields without any are left
            out.
        fill: what stands for null in records, by field; empty where the steps themselves fill.
        rows, steps: what is fitted.
        fold_rows, fold_steps: the same rows with levels as numbers, which is the same model and quicker to fit.
    """

    fields: tuple[Feature, ...]
    rare: Mapping[str, tuple[Level, ...]]
    fill: Mapping[str, float | str]
    rows: Any
    steps: Steps
    fold_rows: Any
    fold_steps: Steps


class _Column(Struct, frozen=True):
    """A field with its distinct values, in the recipe's spelling and in order, and the code of each row's value."""

    field: Feature
    values: tuple[Value, ...]
    codes: Any
    counts: Any
    rare: tuple[Level, ...]


def prepare_rows(fields: Sequence[Feature], rows: Rows, recipe: Recipe) -> Prepared:
    """Prepare the rows that are fitted on.

    Raises:
        ContractError: two fields would have one name, or numbers are too large to fit on.
    """
    _check_sizes(fields, rows)
    columns = [_make_column(field, rows, at, recipe) for at, field in enumerate(fields)]
    names = [column.field.name for column in columns]
    # Two spellings that the recipe makes one would make two columns one.
    twins = sorted(name for name, count in Counter(names).items() if count > 1)
    if twins:
        what = f"two columns would both be {twins[0]!r} in the spelling of the recipe"
        raise ContractError(what, mend="rename one of them, or leave it out with --drop")
    levels = {column.field.name: _count_levels(column, recipe) for column in columns if _is_text(column.field)}
    known = [column.field for column in columns]
    rare = {column.field.name: column.rare for column in columns if column.rare}
    steps = make_steps(known, recipe, levels, np.nan)
    if recipe.categories.encoder == "dict_vectorizer":
        fill = {column.field.name: _find_fill(column, recipe) for column in columns if column.field.null == "impute"}
        records = _make_records(columns, fill)
        return Prepared(tuple(known), rare, fill, records, steps, records, steps)
    coded = make_steps(known, recipe, levels, _NULL_CODE)
    return Prepared(
        tuple(known), rare, {}, _make_frame(columns, is_coded=False), steps, _make_frame(columns, is_coded=True), coded
    )


def _check_sizes(fields: Sequence[Feature], rows: Rows) -> None:
    """Refuse numbers with which no fit can be computed.

    Raises:
        ContractError: a column holds one.
    """
    problems = []
    for field, column in zip(fields, rows.columns, strict=True):
        numbers = [value for value in column.values if isinstance(value, int | float)]
        largest = max(numbers, key=abs, default=0)
        if abs(largest) > _LARGEST:
            problems.append(f"{field.name} holds {largest:g}")
    if problems:
        what = f"{', '.join(problems)}; nothing can be fitted on numbers beyond {_LARGEST:g}"
        raise ContractError(what, mend="give them in another unit, write what is unknown as null, or use --drop")


def _is_text(field: Feature) -> bool:
    return find_block(field) == "category"


def _make_column(field: Feature, rows: Rows, at: int, recipe: Recipe) -> _Column:
    """Gather the distinct values of a field in order, null last."""
    column = rows.columns[at]
    is_text = _is_text(field)
    spelt = [
        respell(value, recipe.spelling.levels) if isinstance(value, str) and is_text else value
        for value in column.values
    ]
    distinct = sorted({value for value in spelt if value is not None}, key=lambda value: cast("Any", value))
    values: list[Value] = [*distinct, *([None] if None in spelt else [])]
    places = {value: place for place, value in enumerate(values)}
    codes = np.array([places[value] for value in spelt], dtype=np.int32)[np.frombuffer(column.codes, dtype=np.uint32)]
    counts = np.bincount(codes, minlength=len(values))
    is_rare = [count < recipe.categories.rare for count in counts]
    rare = tuple(cast("Level", value) for value, few in zip(distinct, is_rare, strict=False) if is_text and few)
    field = replace(field, name=respell(field.name, recipe.spelling.names), spellings=())
    return _Column(field, tuple(values), codes, counts, rare)


def _count_levels(column: _Column, recipe: Recipe) -> int:
    return int((column.counts >= recipe.categories.rare).sum())


# --- the frame


def _make_frame(columns: Sequence[_Column], *, is_coded: bool) -> Any:
    """Make the frame of the fields; levels are texts, or where that is asked for their places."""
    import pandas as pd

    return pd.DataFrame({column.field.name: _make_cells(column, is_coded=is_coded) for column in columns}, copy=False)


def _make_cells(column: _Column, *, is_coded: bool) -> Any:
    if not _is_text(column.field):
        numbers = [np.nan if value is None else float(cast("float", value)) for value in column.values]
        return np.array(numbers, dtype=np.float64)[column.codes]
    if not is_coded:
        cells = np.array([np.nan if value is None else value for value in column.values], dtype=object)
        return cells[column.codes]
    # Ints of 16 bits are sorted by their digits, which makes an encoder three times as quick.
    places = np.arange(len(column.values), dtype=np.int16 if len(column.values) < 2**15 else np.int32)
    places[[place for place, value in enumerate(column.values) if value is None]] = _NULL_CODE
    return places[column.codes]


# --- records


def _find_fill(column: _Column, recipe: Recipe) -> float | str:
    """Find what stands for null: a number by the recipe's rule, else the most frequent value."""
    known = [place for place, value in enumerate(column.values) if value is not None]
    rule = recipe.numbers.null
    if find_block(column.field) == "number":
        if isinstance(rule, float):
            return rule
        numbers = np.repeat([float(cast("float", column.values[place])) for place in known], column.counts[known])
        return float(np.median(numbers) if rule == "median" else numbers.mean())
    # The first in order among equals, as scikit-learn's imputer takes it.
    frequent = column.values[max(known, key=lambda place: (column.counts[place], -place))]
    return frequent if isinstance(frequent, str) else float(cast("float", frequent))


def _make_records(columns: Sequence[_Column], fill: Mapping[str, float | str]) -> list[dict[str, object]]:
    """Make a record a row; a rare level is left out, so that all columns of its field are 0."""
    names = [column.field.name for column in columns]
    lists = [_list_values(column, fill) for column in columns]
    records = [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]
    for column in columns:
        name, rare = column.field.name, set(column.rare)
        if rare:
            for record in records:
                if record[name] in rare:
                    del record[name]
    return records


def _list_values(column: _Column, fill: Mapping[str, float | str]) -> list[object]:
    values = np.empty(len(column.values), dtype=object)
    values[:] = [fill.get(column.field.name) if value is None else value for value in column.values]
    return cast("list[object]", values[column.codes].tolist())
