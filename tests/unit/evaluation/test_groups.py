import math
from typing import Any

import numpy as np
import pytest

from augury.contract.fields import Bounds
from augury.contract.values import UNSEEN
from augury.evaluation.groups import FEWEST_ROWS, MOST_GROUPS, group_rows


def _tell(values: Any) -> list[tuple[object, Bounds | None, int]]:
    return [(group.level, group.bounds, group.positions.size) for group in group_rows(values)]


def test_levels_are_groups() -> None:
    """Each level is a group in its order, and holds the rows that have it."""
    values = ["b", "a"] * 40
    first, second = group_rows(values)
    assert (first.level, second.level) == ("a", "b")
    assert first.positions.tolist() == list(range(1, 80, 2))


@pytest.mark.parametrize("values", [[1, 0] * 30, [True, False] * 30])
def test_flags_are_groups(values: list[int | bool]) -> None:
    """Whole numbers and booleans are levels, and keep their type."""
    groups = _tell(values)
    assert [(type(level), level, size) for level, _, size in groups] == [
        (type(values[0]), min(values), 30),
        (type(values[0]), max(values), 30),
    ]


def test_numbers_are_quartiles() -> None:
    """Floats are cut into four groups of as many rows, with what is in them as their bounds."""
    assert _tell([float(number) for number in range(200)]) == [
        (None, Bounds(0.0, 49.0), 50),
        (None, Bounds(50.0, 99.0), 50),
        (None, Bounds(100.0, 149.0), 50),
        (None, Bounds(150.0, 199.0), 50),
    ]


def test_equal_numbers_stay_together() -> None:
    """A number that more than a quarter of the rows have makes fewer quartiles."""
    assert _tell([0.0] * 120 + [float(number) for number in range(1, 81)]) == [
        (None, Bounds(0.0, 0.0), 120),
        (None, Bounds(1.0, 30.0), 30),
        (None, Bounds(31.0, 80.0), 50),
    ]
    assert _tell([2.5] * 40) == [(None, Bounds(2.5, 2.5), 40)]


@pytest.mark.parametrize("missing", [None, math.nan])
def test_missing_is_a_group(missing: float | None) -> None:
    """Null and NaN are a group of their own, after the others."""
    assert _tell(["a"] * 40 + [missing] * 40) == [("a", None, 40), (None, None, 40)]
    assert _tell(np.array([1.0] * 40 + [math.nan] * 40)) == [(None, Bounds(1.0, 1.0), 40), (None, None, 40)]


def test_an_unseen_level_is_in_no_group() -> None:
    """A level that training did not see is no level."""
    assert _tell(["a"] * 40 + [UNSEEN] * 40) == [("a", None, 40)]


def test_small_groups_are_left_out() -> None:
    """A group of 29 rows is left out, one of 30 is not."""
    assert _tell(["a"] * (FEWEST_ROWS - 1) + ["b"] * FEWEST_ROWS) == [("b", None, FEWEST_ROWS)]
    assert _tell([]) == []


def test_of_many_groups_the_largest_are_kept() -> None:
    """At most twenty groups, of one size the first."""
    values = [f"level {number:02}" for number in range(25) for _ in range(30 + (number == 24))]
    levels = [level for level, _, _ in _tell(values)]
    assert len(levels) == MOST_GROUPS
    assert levels == [*(f"level {number:02}" for number in range(19)), "level 24"]
