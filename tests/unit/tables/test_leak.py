from __future__ import annotations

import random
from typing import Any

import pytest

from augury.tables.leak import find_leaks
from augury.tables.read import read_table
from augury.tables.rows import FieldColumn

RANDOM = random.Random(1)
LABELS = [int(RANDOM.random() < 0.3) for _ in range(2000)]


def make_column(values: list[Any]) -> FieldColumn:
    """Code a column of checked values."""
    coded = read_table([{"x": value} for value in values]).coded[0]
    return FieldColumn("x", coded.cells, coded.codes)


@pytest.mark.parametrize(
    ("values", "is_leak"),
    [
        ([float(label) for label in LABELS], True),
        (["gone" if label else "here" for label in LABELS], True),
        ([label + RANDOM.random() * 0.9 for label in LABELS], True),
        ([RANDOM.random() if label else None for label in LABELS], True),
        # An amount of which most are zero: its zeros would fill half of the bin of its least values.
        ([RANDOM.random() if label else 0.0 for label in LABELS], True),
        # Neither end alone: what matters is which group a value is in.
        ([RANDOM.choice([-1.0, 1.0]) * (5 + RANDOM.random()) if label else RANDOM.random() for label in LABELS], True),
        ([RANDOM.gauss(label, 1) for label in LABELS], False),
        ([RANDOM.choice("abc") for _ in LABELS], False),
        # Every value stands once: it separates the rows that were counted, and says nothing of the others.
        ([f"level {at}" for at in range(len(LABELS))], False),
        ([1.0] * len(LABELS), False),
    ],
)
def test_a_field_that_gives_the_target_away_is_told(values: list[Any], is_leak: bool) -> None:
    """It is told with the option that drops it, and an honest field is not."""
    found = find_leaks([make_column(values)], LABELS)
    assert [(notice.column, notice.code, notice.option) for notice in found] == [("x", "leak", "--drop x")] * is_leak


def test_chance_is_no_leak() -> None:
    """With a handful of positives nothing is told, for then any order may be perfect."""
    labels = [1, 1, 1] + [0] * 100
    assert find_leaks([make_column([float(label) for label in labels])], labels) == []


def test_a_long_column_is_thinned() -> None:
    """Of many rows some are enough."""
    labels = [at % 3 // 2 for at in range(120_000)]
    assert len(find_leaks([make_column([float(label) for label in labels])], labels)) == 1
