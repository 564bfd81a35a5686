"""The file of cases on Spark: as files of texts, and as typed columns."""

import pytest
from pyspark.sql import SparkSession

from tests.contract.cases import Door
from tests.engines.spark import Spark
from tests.sql.holding import hold_table
from tests.sql.tables_of_cases import iter_tables


@pytest.mark.parametrize("door", ["file", "frame"])
def test_every_case_is_answered_as_it_says(spark: SparkSession, door: Door) -> None:
    """Each row of each case has the margin of the case within the bound, or its codes and fields in their order."""
    asked, wrong = 0, []
    for table in iter_tables(door):
        count, differences = hold_table(Spark(spark), table)
        asked += count
        wrong += differences
    assert not wrong, "\n".join(wrong)
    assert asked > 300
