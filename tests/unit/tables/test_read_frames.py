"""Tables in memory: frames by what they can do, and lists of dicts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from augury.errors import TableError
from augury.tables.column import name_type
from augury.tables.read import read_table
from augury.tables.table import ABSENT, compute_fingerprint

ROWS: list[dict[str, Any]] = [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


@pytest.mark.parametrize(
    "source",
    [
        ROWS,
        tuple(ROWS),
        pa.Table.from_pylist(ROWS),
        pa.RecordBatch.from_pylist(ROWS),
        pl.DataFrame(ROWS),
        pd.DataFrame(ROWS, dtype=object),
        pd.DataFrame(ROWS).convert_dtypes(dtype_backend="pyarrow"),
    ],
)
def test_one_table_in_many_frames(source: object) -> None:
    """Lists of dicts, Arrow, Polars and pandas frames with the same cells are the same table."""
    table = read_table(source)
    assert (table.columns, tuple(table.iter_rows()), table.is_text) == (("a", "b"), ((1, "x"), (2, None)), False)


def test_pandas_scalars_become_plain() -> None:
    """NaN, NaT and NA are null; NumPy scalars are Python's; a date stays an object."""
    frame = pd.DataFrame(
        {
            "number": [1.5, math.nan],
            "nullable": pd.array([1, None], dtype="Int64"),
            "level": pd.Categorical(["u", None]),
            "truth": np.array([True, False]),
            "time": pd.to_datetime(["2020-01-01", None]),
        },
        index=[7, 7],
    )
    (first, second) = tuple(read_table(frame).iter_rows())
    assert first[:4] == (1.5, 1, "u", True)
    assert [type(cell) for cell in first[:4]] == [float, int, str, bool]
    assert second == (None, None, None, False, None)


def test_polars_scalars_become_plain() -> None:
    """Categoricals and enums are texts, decimals floats, NaN is null, and a date keeps its value."""
    frame = pl.DataFrame(
        {
            "category": pl.Series(["u", None], dtype=pl.Categorical),
            "enum": pl.Series(["u", "v"], dtype=pl.Enum(["u", "v"])),
            "decimal": pl.Series([Decimal("1.50"), None], dtype=pl.Decimal(10, 2)),
            "number": [1.5, math.nan],
            "day": [dt.date(2020, 1, 1), None],
            "list": [[1], []],
        }
    )
    assert list(read_table(frame).iter_rows()) == [
        ("u", "u", 1.5, 1.5, dt.date(2020, 1, 1), []),
        (None, "v", None, None, None, []),
    ]


def test_arrow_scalars_become_plain() -> None:
    """Dictionaries are their values, decimals and small floats are floats, and bytes keep only their type."""
    table = pa.table(
        {
            "dictionary": pa.array(["u", None]).dictionary_encode(),
            "decimal": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "float": pa.array([0.5, math.nan], pa.float32()),
            "time": pa.array([0, None], pa.timestamp("us")),
            "bytes": pa.array([b"x", b"y"]),
        }
    )
    first, second = read_table(table).iter_rows()
    assert first[:4] == ("u", 1.5, 0.5, dt.datetime(1970, 1, 1))  # noqa: DTZ001 - the column has no zone
    assert second[:4] == (None, None, None, None)
    assert name_type(first[4]) == "bytes"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_a_long_frame_is_read_whole(make: Callable[[dict[str, list[Any]]], Any]) -> None:
    """A frame of more rows than are read at once has every row in its place."""
    numbers = [index % 1000 for index in range(200_000)]
    table = read_table(make({"a": numbers, "b": list(map(str, numbers))}))
    assert list(table.iter_column(0)) == numbers
    assert list(table.iter_column(1)) == list(map(str, numbers))
    assert [len(column.cells) for column in table.coded] == [1000, 1000]


def test_dicts_may_lack_keys() -> None:
    """A key that a dict lacks is absent; NaN in it is null."""
    assert tuple(read_table([{"a": 1}, {"b": math.nan}]).iter_rows()) == ((1, ABSENT), (ABSENT, None))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ([], "the list is empty"),
        ([1], "row 1 is a number, not a dict"),
        ([{"a": 1}, None], "row 2 is null, not a dict"),
        ([{1: 2}], "row 1 has the key 1, which is not text"),
        ([{"a": [1]}], "row 1 holds an array under 'a'"),
        ([{"a": 1, "A": 2}], "differ in case only"),
        ({"a": [1]}, "an object is not a table"),
        (None, "null is not a table"),
        (7, "a number is not a table"),
        (b"a,b", "not a table"),
        (pd.Series([1]), "a Series is not a table"),
        (pd.DataFrame([[1, 2]]), "the name of column 1 is a number, not text"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "column 'a' stands twice"),
        (pd.DataFrame({"a": []}), "has no rows"),
        (pa.table([[1], [2]], names=["a", "a"]), "column 'a' stands twice"),
        (pl.DataFrame(ROWS).lazy(), "collect the lazy frame first"),
        (pl.DataFrame({"a": []}), "has no rows"),
        (
            pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
            "column 1 is an array, not",
        ),
    ],
)
def test_what_is_no_frame(source: object, sentence: str) -> None:
    """What is not a table in memory is refused with one sentence."""
    with pytest.raises(TableError, match=sentence):
        read_table(source)


def test_a_table_is_itself() -> None:
    """A table that was read already is not read again."""
    table = read_table(ROWS)
    assert read_table(table) is table


def test_the_fingerprint_of_objects_is_stable() -> None:
    """A date counts by its value and any other object by its type, never by where it lies in memory."""

    def fingerprint(cell: object) -> str:
        return compute_fingerprint(read_table([{"a": cell}]))

    day = dt.date(2020, 1, 1)
    assert fingerprint(day) == fingerprint(dt.date(2020, 1, 1)) != fingerprint(dt.date(2020, 1, 2))
    assert fingerprint(1j) == fingerprint(2j) != fingerprint(b"x")
