"""The file of cases on Spark: as files of texts, and as typed columns."""

import pytest
from pyspark.sql import SparkSession

from tests.contract.cases import Door
from tests.doors import keep_cases
from tests.engines.spark import Spark
from tests.sql.holding import hold_table
from tests.sql.tables_of_cases import iter_tables

# Spark takes a second to compile a statement, and half of the tables are there for one case: in `make check` each door
# is asked the tables with several, which hold four rows in five; in `make soak` all of them.
FEWEST_ROWS = 5
LEAST = {"file": 400, "frame": 400}


@pytest.mark.parametrize("door", ["file", "frame"])
def test_every_case_is_answered_as_it_says(spark: SparkSession, door: Door) -> None:
    """Each row of each case has the margin of the case within the bound, or its codes and fields in their order."""
    asked, wrong = 0, []
    for table in iter_tables(door, FEWEST_ROWS):
        count, differences = hold_table(Spark(spark), table)
        asked += count
        wrong += differences
    assert not wrong, "\n".join(wrong)
    assert asked >= LEAST[door]
    keep_cases("spark", asked)
