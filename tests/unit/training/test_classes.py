from __future__ import annotations

from typing import Any

import pytest

from augury.errors import TableError, UsageError
from augury.tables.read import read_table
from augury.training.classes import Classes, find_classes
from augury.training.target import label_rows


def find(cells: list[Any], positive: object = None) -> tuple[Any, Any, list[str]]:
    """Find the classes of a column of these cells."""
    classes, notices = find_classes(read_table([{"y": cell} for cell in cells]), "y", positive, "table")
    return classes.negative, classes.positive, [notice.code for notice in notices]


@pytest.mark.parametrize(
    ("cells", "negative", "positive"),
    [
        (["No", "Yes", "Yes"], "No", "Yes"),
        (["yes", "no", "yes", "yes"], "no", "yes"),
        ([0, 1, 1], 0, 1),
        ([0.0, 1.0, 1.0], 0, 1),
        (["0", "1", "1"], 0, 1),
        ([True, False, True], False, True),
        (["true", "false", "true"], False, True),
        (["Existing", "Existing", "Attrited"], "Existing", "Attrited"),
        (["good", "bad", "good"], "good", "bad"),
        ([2, 1, 1], 1, 2),
        (["a", "b"], "a", "b"),
        ([None, "No", "Yes", ""], "No", "Yes"),
    ],
)
def test_the_positive_class_is_the_least_surprising(cells: list[Any], negative: object, positive: object) -> None:
    """It is true, 1 or yes; else the rarer; and which it is is told."""
    found = find(cells)
    assert found[:2] == (negative, positive)
    assert "positive" in found[2]


def test_a_class_that_was_asked_for_is_positive() -> None:
    """It may be spelt otherwise, and nothing needs to be told then."""
    assert find(["No", "Yes", "Yes"], "no") == ("Yes", "No", [])
    assert find([0, 1], "0") == (1, 0, [])
    with pytest.raises(UsageError, match="y has no class 'maybe'; say --positive No or --positive Yes"):
        find(["No", "Yes"], "maybe")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["a", "a"], "holds one class only, 'a'"),
        (["a", "b", "c"], "holds 3 classes, 'a', 'b', 'c'"),
        (list("abcdefgh"), "holds 8 classes"),
        ([None, None], "holds no value"),
        (["", " "], "holds no value"),
        (["yes", "no", "Yes"], "spell each class in one way"),
        (["yes", "no", "NA"], "blank the cells that hold 'NA', whose rows are then left out"),
        (["yes", "NA", "?"], "name a column with two classes"),
        ([1, "x"], "mixes values of several kinds"),
    ],
)
def test_a_column_without_two_classes_is_no_target(cells: list[Any], sentence: str) -> None:
    """What it holds instead is told in one sentence."""
    with pytest.raises(TableError) as refused:
        find(cells)
    assert sentence in str(refused.value)


def test_rows_without_a_class_are_left_out() -> None:
    """Their count is told, and the others keep their positions."""
    table = read_table([{"y": cell} for cell in ["b", None, "a", ""]])
    _, notices = find_classes(table, "y", "a", "table")
    assert [notice.sentence for notice in notices] == ["y is null in 2 rows, which were left out"]
    labelled = label_rows(table, Classes("y", "b", "a"), "y", "table")
    assert labelled.positions.tolist() == [0, 2]
    assert labelled.labels.tolist() == [False, True]


def test_a_recipe_may_lower_classes() -> None:
    """Classes are spelt as its levels are, so that two spellings are one."""
    table = read_table([{"y": cell} for cell in ["Yes", "yes", "No Way"]])
    classes, _ = find_classes(table, "y", None, "lower")
    assert (classes.negative, classes.positive) == ("no_way", "yes")


def test_another_table_must_have_the_same_classes() -> None:
    """A class that was not fitted on is named."""
    with pytest.raises(TableError, match="'maybe', which is neither 'no' nor 'yes'"):
        label_rows(read_table([{"y": "maybe"}, {"y": "no"}]), Classes("y", "no", "yes"), "y", "table")
