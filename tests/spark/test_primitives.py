"""Spark's primitives, each held to Python over nasty cells."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from tests.engines.spark import Spark
from tests.sql.primitives import (
    MANY_DIGITS,
    PRIMITIVES,
    TRUE_DECIMALS,
    find_differences,
    find_misjoined,
    find_misjudged_texts,
    find_misread_literals,
)

NAMED = {**PRIMITIVES, "many digits": MANY_DIGITS, "true decimals": TRUE_DECIMALS}


@pytest.mark.parametrize("name", NAMED)
def test_a_primitive_says_what_python_says(spark: SparkSession, name: str) -> None:
    """Over every cell that Spark can hold, a primitive is what the record's side computes in Python."""
    wrong = find_differences(Spark(spark), NAMED[name])
    assert not wrong, "\n".join(wrong)


def test_literals_are_exact(spark: SparkSession) -> None:
    """A double that is written is read to the same bits, subnormal ones and the largest among them."""
    wrong = find_misread_literals(Spark(spark))
    assert not wrong, "\n".join(wrong)


def test_texts_are_compared_by_code_points(spark: SparkSession) -> None:
    """Equality and order of texts are Python's."""
    wrong = find_misjudged_texts(Spark(spark))
    assert not wrong, "\n".join(wrong)


def test_texts_are_joined_without_nulls(spark: SparkSession) -> None:
    """A comma stands between texts that are not null; of nulls alone nothing is left."""
    wrong = find_misjoined(Spark(spark), 200)
    assert not wrong, "\n".join(wrong)
