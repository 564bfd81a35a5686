"""The real table on Spark: the same decisions on every row, and the faults that were put in where they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from augury.api import load_bundled
from augury.sql.layout import Layout
from tests.engines.spark import Spark
from tests.sql.lawful import Row, hold_rows
from tests.sql.telco_tables import read_file, read_overflowing, read_typed, unbind

READERS: dict[str, Callable[[Path], tuple[Layout, list[Row]]]] = {"file": read_file, "typed": read_typed}
BODY = load_bundled().document.model
FEWEST_ROWS = 7_030


@pytest.mark.parametrize("reader", READERS)
def test_every_row_is_decided_as_its_record(spark: SparkSession, reader: str, telco_csv: Path) -> None:
    """Margins are within the bound, decisions the same, and faults and notes those of the record checker."""
    wrong, asked = hold_rows(Spark(spark), BODY, *READERS[reader](telco_csv), door="spark")
    assert not wrong, "\n".join(wrong)
    assert len(asked) >= FEWEST_ROWS
    codes = {code for each in asked for code, _ in each.faults}
    assert codes >= {"level", "null", "range", "control_character", "not_finite"}


def test_margins_beyond_a_double_are_refused(spark: SparkSession, telco_csv: Path) -> None:
    """A model without ranges scores what it can, and says overflow of the rest."""
    wrong, asked = hold_rows(Spark(spark), unbind(BODY), *read_overflowing(telco_csv))
    assert not wrong, "\n".join(wrong)
    assert sum(each.faults == (("overflow", ""),) for each in asked) == 6
