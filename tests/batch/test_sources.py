from __future__ import annotations

from pathlib import Path

import pytest

from augury.model import Model
from augury.scoring import score_table
from augury.tables.read import read_table
from tests.batch.conftest import Predict, read_csv
from tests.batch.tables import SAID, WRITERS, Row

# Probabilities of two ways to sum differ in their last digits.
TOLERANCE = 1e-12

each_kind = pytest.mark.parametrize("kind", WRITERS)


@pytest.fixture(scope="module")
def probabilities(model: Model, telco_csv: Path) -> list[float]:
    """The probability of each customer, by the record target."""
    return list(score_table(model, read_table(telco_csv)).probabilities)


@each_kind
def test_the_real_table_is_scored_as_by_the_record_target(
    predict: Predict,
    customers: list[Row],
    probabilities: list[float],
    model: Model,
    tmp_path: Path,
    kind: str,
) -> None:
    """From every kind of source, in several parts, each row has its decision, in its place."""
    source = WRITERS[kind](customers, tmp_path)
    summary = predict(source, part_rows=2000, **SAID.get(kind, {}))
    assert (summary.rows, summary.scored, summary.refused) == (7043, 7043, 0)
    answers = read_csv(tmp_path / "out.csv")
    assert [row["customerID"] for row in answers] == [row["customerID"] for row in customers]
    for answer, probability in zip(answers, probabilities, strict=True):
        assert float(answer["churn_probability"]) == pytest.approx(probability, rel=TOLERANCE)
        assert (answer["churn"] == "true") == (probability >= model.threshold)
    assert not (tmp_path / "out.csv.augury-parts").exists()
