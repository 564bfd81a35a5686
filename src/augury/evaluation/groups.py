"""Rows grouped by the values of a field."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from msgspec import Struct

from augury.contract.fields import Bounds, Level
from augury.evaluation.ranked import Integers

# In fewer rows an interval of a share is wider than a third, and the figures begin to speak of persons.
FEWEST_ROWS = 30
# More groups of one field are a table that nobody reads, and any two of so many differ by chance.
MOST_GROUPS = 20
# A number is cut into quartiles.
_QUARTILES = (0.25, 0.5, 0.75)


class RowGroup(Struct, frozen=True):
    """The positions of the rows in which a field has one level, or is within bounds; neither where it is missing."""

    level: Level | bool | None
    bounds: Bounds | None
    positions: Integers


def group_rows(values: Iterable[Any]) -> Iterator[RowGroup]:
    """Group rows by a field, given its value in each: levels (text, whole numbers, booleans), or floats.

    Floats are cut into quartiles, each with the least and the greatest number in it as its bounds; equal numbers stay
    together. Null and NaN are a group of their own, the last. What is none of these, a level that training did not see
    for instance, is in no group. Groups of fewer than :data:`FEWEST_ROWS` rows are left out, and of more than
    :data:`MOST_GROUPS` the smallest.
    """
    levels, numbers, missing = _sort_rows(values)
    groups = [RowGroup(level, None, np.array(rows)) for level, rows in sorted(levels.items(), key=_find_order)]
    groups.extend(_cut_quartiles(numbers))
    if missing:
        groups.append(RowGroup(None, None, np.array(missing)))
    large = [group for group in groups if group.positions.size >= FEWEST_ROWS]
    # A stable sort, so that of groups of one size the first are kept.
    kept = sorted(large, key=lambda group: -group.positions.size)[:MOST_GROUPS]
    yield from (group for group in large if any(group is each for each in kept))


def _sort_rows(values: Iterable[Any]) -> tuple[dict[Level | bool, list[int]], dict[int, float], list[int]]:
    """Sort positions into those of each level, those of numbers with the number, and those without a value."""
    levels: defaultdict[Level | bool, list[int]] = defaultdict(list)
    numbers: dict[int, float] = {}
    missing: list[int] = []
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    for position, value in enumerate(listed):
        if value is None or (isinstance(value, float) and math.isnan(value)):
            missing.append(position)
        elif isinstance(value, float):
            numbers[position] = value
        elif isinstance(value, str | int):
            levels[value].append(position)
    return levels, numbers, missing


def _find_order(item: tuple[Level | bool, list[int]]) -> tuple[bool, Level | bool]:
    """Order whole numbers by size before texts by alphabet."""
    level, _ = item
    return isinstance(level, str), level


def _cut_quartiles(numbers: dict[int, float]) -> Iterator[RowGroup]:
    if not numbers:
        return
    positions, found = np.array(list(numbers)), np.array(list(numbers.values()))
    # A quartile that many share would be an empty group between two equal cuts.
    cuts = np.unique(np.quantile(found, _QUARTILES, method="lower"))
    which = np.searchsorted(cuts, found, side="left")
    for quartile in np.unique(which):
        members = which == quartile
        low, high = found[members].min(), found[members].max()
        yield RowGroup(None, Bounds(float(low) + 0.0, float(high) + 0.0), positions[members])
