"""The file of cases at the doors of SQL: as files of texts, as typed columns, and as columns whose cells have types."""

from collections.abc import Iterator

import pytest

from augury.sql.dialects import find_dialect
from tests.contract.cases import Door
from tests.doors import keep_cases
from tests.sql.engines import ENGINES
from tests.sql.holding import Engine, hold_table
from tests.sql.tables_of_cases import iter_tables

DOORS: tuple[Door, ...] = ("file", "frame", "json")
# Where each cell has a type of its own, a record of JSON can be a row.
PAIRS = [
    (engine, door)
    for engine in sorted(ENGINES)
    for door in DOORS
    if door != "json" or find_dialect(engine).find_kind is not None
]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize(("engine", "door"), PAIRS, indirect=["engine"])
def test_every_case_is_answered_as_it_says(engine: Engine, door: Door) -> None:
    """Each row of each case has the margin of the case within the bound, or its codes and fields in their order.

    Tables of one row are there for the columns that they have or lack, of which all engines are told in the same words:
    DuckDB is asked them all, the others in ``make soak``, and so are records of JSON.
    """
    wrong: list[str] = []
    asked = 0
    for table in iter_tables(door, fewest=1 if engine.dialect == "duckdb" and door != "json" else 2):
        count, differences = hold_table(engine, table)
        asked += count
        wrong += differences
    assert not wrong, "\n".join(wrong)
    assert asked > 300
    keep_cases(engine.dialect, asked)
