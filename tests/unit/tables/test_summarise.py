"""What is counted in a column."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from augury.contract.fields import Bounds
from augury.profile import QUANTILES
from augury.tables.read import read_table
from augury.tables.summarise import ColumnSummary, compute_quantiles, summarise
from augury.tables.table import make_table

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def _summarise(*values: object) -> ColumnSummary:
    return summarise(read_table([{"x": value} for value in values]), "x")


def _summarise_text(*cells: str) -> ColumnSummary:
    return summarise(make_table(("x",), [(cell,) for cell in cells], is_text=True, where="t"), "x")


@given(st.lists(FLOATS, min_size=1, max_size=50))
def test_quantiles_never_decrease(numbers: list[float]) -> None:
    """Quantiles are finite, never decrease and stay within the numbers, also where their differences overflow."""
    quantiles = compute_quantiles(numbers)
    assert len(quantiles) == len(QUANTILES)
    assert all(map(math.isfinite, quantiles))
    assert list(quantiles) == sorted(quantiles)
    assert min(numbers) <= quantiles[0] <= quantiles[-1] <= max(numbers)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_quantiles_are_those_of_numpy(numbers: list[float]) -> None:
    """The quantile rule is linear interpolation, NumPy's default."""
    expected: Any = np.quantile(np.array(numbers), QUANTILES)
    assert compute_quantiles(numbers) == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-9)


def test_quantiles_of_numbers_a_line_apart() -> None:
    """Between numbers whose difference overflows, quantiles are interpolated all the same."""
    quantiles = compute_quantiles([-1.75e308, 1.75e308])
    assert quantiles[QUANTILES.index(0.5)] == 0.0
    assert compute_quantiles([-1.75e308, -1.75e308, 1.75e308])[QUANTILES.index(0.5)] == -1.75e308


def test_no_numbers_have_no_quantiles() -> None:
    """A column without a number has no quantiles and no range."""
    assert (_summarise("a").quantiles, _summarise("a").seen) == ((), None)


def test_every_cell_is_counted_once() -> None:
    """Nulls, absent cells, texts, booleans, numbers, infinities and objects are told apart; 1, 1.0 and true too."""
    rows: list[dict[str, Any]] = [{"x": cell} for cell in (1, 1.0, True, "1", " ", None, math.inf, 10**400, b"x")]
    summary = summarise(read_table([*rows, {"y": 0}]), "x")
    assert (summary.rows, summary.nulls, summary.absents, summary.filled) == (10, 1, 1, 8)
    assert (summary.numbers, summary.booleans, summary.texts) == ({1.0: 2}, {True: 1}, {"1": 1, " ": 1})
    assert (summary.infinities, len(summary.others), summary.sort) == (2, 1, "mixed")


@pytest.mark.parametrize(
    ("cells", "sort"),
    [
        (("1", "2.5", ""), "number"),
        (("", " "), "empty"),
        (("1", "x"), "text"),
        (("True", "false", ""), "boolean"),
        (("True", "no"), "text"),
        (("NA", "1"), "text"),
    ],
)
def test_the_sort_of_a_text_column(cells: tuple[str, ...], sort: str) -> None:
    """A column of a text file is numbers when all its cells are numbers or blank; the word NA is a text."""
    assert _summarise_text(*cells).sort == sort


@pytest.mark.parametrize(
    ("values", "sort"),
    [
        ((1, 2.5, None), "number"),
        ((1, "x"), "mixed"),
        ((1, True), "mixed"),
        ((True, None), "boolean"),
        (("1", " 2", " "), "number"),
        (("1", "two"), "text"),
        ((None, None), "empty"),
    ],
)
def test_the_sort_of_a_typed_column(values: tuple[object, ...], sort: str) -> None:
    """A typed column is what its values are; a column of nothing but text may hold numbers."""
    assert _summarise(*values).sort == sort


def test_range_and_integers() -> None:
    """The range is that of the finite numbers; integers are whole and at most 2**53, however they are written."""
    summary = _summarise_text("3", "-1.0", "")
    assert (summary.seen, summary.is_integral, summary.points, summary.nulls) == (Bounds(-1.0, 3.0), True, True, 1)
    assert not _summarise_text("3", " +4").points
    assert not _summarise_text("0.5").is_integral
    assert not _summarise(2**53 + 2).is_integral
    assert _summarise(2**53).is_integral


def test_a_range_has_no_negative_zero() -> None:
    """A range that ends at zero ends at the positive one, so that equal ranges have equal bytes."""
    seen = _summarise(-0.0).seen
    assert seen is not None
    assert math.copysign(1.0, seen.low) == math.copysign(1.0, seen.high) == 1.0
