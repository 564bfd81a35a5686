from __future__ import annotations

from pathlib import Path

import pytest

from augury.model import Model
from tests.batch.conftest import Predict, read_answer, read_csv
from tests.batch.tables import SAID, WRITERS, Row
from tests.doors import hold_door
from tests.sql.telco_tables import find_law

# The door of each kind of source, where it is called otherwise.
DOORS = {"gzip": "csv", "parts": "parquet", "arrow": "feather", "sqlite": "sqlite table"}

each_kind = pytest.mark.parametrize("kind", WRITERS)


@each_kind
def test_the_real_table_is_scored_as_the_law_says(
    predict: Predict, customers: list[Row], model: Model, telco_csv: Path, tmp_path: Path, kind: str
) -> None:
    """From every kind of source, in several parts, each row has its decision, in its place."""
    source = WRITERS[kind](customers, tmp_path)
    summary = predict(source, part_rows=2000, **SAID.get(kind, {}))
    assert (summary.rows, summary.scored, summary.refused) == (7043, 7043, 0)
    answers = read_csv(tmp_path / "out.csv")
    assert [row["customerID"] for row in answers] == [row["customerID"] for row in customers]
    hold_door(DOORS.get(kind, kind), model.threshold, find_law(telco_csv), map(read_answer, answers))
    assert not (tmp_path / "out.csv.augury-parts").exists()
