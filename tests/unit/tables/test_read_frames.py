"""Tables in memory: frames by what they can do, and lists of dicts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from augury.errors import TableError
from augury.tables.read import read_table
from augury.tables.table import ABSENT, compute_fingerprint


class ArrowLike:
    """A table with the two things of ``pyarrow.Table`` that are used."""

    def __init__(self, column_names: Sequence[str], rows: list[dict[str, Any]]) -> None:
        self.column_names = list(column_names)
        self._rows = rows

    def to_pylist(self) -> list[dict[str, Any]]:
        """Answer as the real one does."""
        return self._rows


class PolarsLike:
    """A frame with the two things of ``polars.DataFrame`` that are used."""

    def __init__(self, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
        self.columns = list(columns)
        self._rows = rows

    def to_dicts(self) -> list[dict[str, Any]]:
        """Answer as the real one does."""
        return self._rows


class LazyLike:
    """A query that is not a frame before it is collected."""

    def collect(self) -> PolarsLike:
        """Answer as the real one does."""
        return PolarsLike((), [])


ROWS: list[dict[str, Any]] = [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


@pytest.mark.parametrize(
    "source", [ROWS, tuple(ROWS), ArrowLike("ab", ROWS), PolarsLike("ab", ROWS), pd.DataFrame(ROWS, dtype=object)]
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
        (ArrowLike("aa", ROWS), "column 'a' stands twice"),
        (LazyLike(), "collect the lazy frame first"),
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
