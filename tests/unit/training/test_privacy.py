"""What is handed out of a table with a few customers who stand out: nothing of theirs alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import augury
from augury.training.trained import Trained
from tests.unit.training.tables import make_customers, with_column

RARE = "Nowhere-on-Sea"


@pytest.fixture(scope="module", params=["logistic", "lab"])
def trained(request: pytest.FixtureRequest) -> Trained:
    """A model of a table in which four customers live in one town, and one held out has a plan of his own."""
    towns = [RARE if number % 200 == 0 else ("North", "South")[number % 2] for number in range(800)]
    fitted = with_column(make_customers(800), "Town", towns)
    others = with_column(make_customers(200, seed=2), "Town", towns[:200])
    others[7]["Plan"] = "Hermitage 7"
    return augury.train(
        fitted, target="Churn", identifiers=["customerID"], recipe=request.param, by=["Town"], test=others
    )


def test_a_rare_level_is_handed_to_nobody(trained: Trained, tmp_path: Path) -> None:
    """Levels of fewer than five rows, fitted on or held out, are in neither artifact nor report."""
    trained.save(tmp_path / "churn.augury.json")
    for written in ((tmp_path / "churn.augury.json").read_text(), trained.report.to_html()):
        assert re.search(r"nowhere|hermitage", written, re.IGNORECASE) is None
        assert "month" in written.lower()


def test_who_trains_is_told_of_a_value_that_is_refused(trained: Trained) -> None:
    """The terminal repeats what was refused among the rows held out; what is handed on says only that it was."""
    (notice,) = (notice for notice in trained.notices if notice.code == "held_out")
    assert "Hermitage" in notice.sentence
    assert notice.tell_others().endswith("which no figure counts: …")


def test_no_golden_row_is_a_row_held_out() -> None:
    """A made-up record that came out like a customer held out is left away; one like a fitting row is drawn again."""
    fitted = [
        {"Plan": plan, "Months": months, "Churn": "Yes" if (months + turn) % 3 else "No"}
        for turn in range(6)
        for plan in ("month", "year")
        for months in (1, 9)
    ]
    others = [{"Plan": "month", "Months": months, "Churn": "Yes" if months % 2 else "No"} for months in range(1, 10)]
    body = augury.train(fitted, target="Churn", test=others).model.document.model
    assert len(body.golden) > 1
    assert not any({"Churn": churn, **row.record} in others for row in body.golden for churn in ("Yes", "No"))
