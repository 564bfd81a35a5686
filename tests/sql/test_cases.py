"""The file of cases at the doors of SQL: as files of texts, as typed columns, and as columns whose cells have types."""

from collections.abc import Iterator

import pytest

from augury.sql.dialects import find_dialect
from tests.sql.engines import ENGINES
from tests.sql.holding import Engine, hold_table
from tests.sql.tables_of_cases import iter_tables

TABLES = {"file": list(iter_tables("file")), "frame": list(iter_tables("frame")), "json": list(iter_tables("json"))}
# Where each cell has a type of its own, a record of JSON can be a row.
PAIRS = [
    (engine, door)
    for engine in sorted(ENGINES)
    for door in TABLES
    if door != "json" or find_dialect(engine).find_kind is not None
]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine at work."""
    with ENGINES[request.param]() as running:
        yield running


@pytest.mark.parametrize(("engine", "door"), PAIRS, indirect=["engine"])
def test_every_case_is_answered_as_it_says(engine: Engine, door: str) -> None:
    """Each row of each case has the margin of the case within the bound, or its codes and fields in their order."""
    wrong: list[str] = []
    asked = 0
    for table in TABLES[door]:
        count, differences = hold_table(engine, table)
        asked += count
        wrong += differences
    assert not wrong, "\n".join(wrong)
    assert asked > 300
