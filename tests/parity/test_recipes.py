"""What each recipe fits, with this version of scikit-learn, against the model that training makes of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import roc_auc_score

import augury
from augury.training.trained import Trained

NAMES = ["Plan", "Region", "Senior", "Paperless", "Tenure", "Charge"]
Row = dict[str, Any]


def draw_rows(count: int, seed: int) -> list[Row]:
    """Draw customers: a category, one with nulls, a flag, a boolean, an integer, a number with nulls, the target."""
    drawn = random.Random(seed)
    return [_draw_row(drawn) for _ in range(count)]


def _draw_row(drawn: random.Random) -> Row:
    plan, tenure = drawn.choice(["Month to month", "One year", "Two year"]), drawn.randrange(72)
    chance = (0.8 if plan == "Month to month" else 0.3) - tenure / 200
    return {
        "Plan": plan,
        "Region": drawn.choice(["North", "South", "East", None]),
        "Senior": drawn.randrange(2),
        "Paperless": drawn.random() < 0.5,
        "Tenure": tenure,
        "Charge": None if drawn.random() < 0.1 else round(drawn.uniform(20, 120), 2),
        "Churn": "Yes" if drawn.random() < chance else "No",
    }


def ask_pipeline(estimator: Any, rows: Sequence[Row]) -> Any:
    """Ask the pipeline of the recipe logistic for probabilities."""
    frame = pd.DataFrame(rows, columns=NAMES).astype({"Paperless": float, "Charge": float})
    return estimator.predict_proba(frame.fillna({"Region": np.nan}))[:, 1]


def ask_pair(estimator: Any, rows: Sequence[Row]) -> Any:
    """Ask the pair of the recipe lab: names and levels in lower case, 0 for a missing number, levels that are known."""
    vectorizer, classifier = estimator
    records = []
    for row in rows:
        texts = {name.lower(): row[name].lower().replace(" ", "_") for name in ("Plan", "Region") if row[name]}
        numbers = {name.lower(): float(row[name] or 0) for name in NAMES if name not in {"Plan", "Region"}}
        records.append(texts | numbers)
    return classifier.predict_proba(vectorizer.transform(records))[:, 1]


@pytest.mark.parametrize(
    ("recipe", "ask", "is_answered"),
    [
        ("logistic", ask_pipeline, lambda _row: True),
        # The most frequent level stands for null in that recipe, of which the pair itself knows nothing.
        ("lab", ask_pair, lambda row: row["Region"] is not None),
    ],
    ids=["logistic", "lab"],
)
def test_a_recipe_is_fitted_compiled_and_evaluated(recipe: str, ask: Any, is_answered: Any) -> None:
    """The model answers as the estimator does, on rows of another table too, which is what its evaluation says."""
    fitted, others = draw_rows(800, 1), draw_rows(300, 2)
    trained: Trained = augury.train(fitted, target="Churn", recipe=recipe, test=others, threshold="f1")
    answered = [row for row in others if is_answered(row)]
    assert_allclose(trained.model.predict_proba(answered)[:, 1], ask(trained.estimator, answered), rtol=0, atol=1e-12)
    evaluation = trained.evaluation
    assert (evaluation.held_out.rows, evaluation.held_out.refused) == (300, 0)
    assert evaluation.metrics.auc is not None
    labels = [row["Churn"] == "Yes" for row in others]
    assert evaluation.metrics.auc.value == pytest.approx(
        roc_auc_score(labels, trained.model.predict_proba(others)[:, 1]), rel=0, abs=1e-12
    )
    assert evaluation.metrics.auc.value > 0.65
    assert 0.0 < trained.model.document.model.decision.threshold < 0.5
    # Against the law, and against the estimator.
    assert len(trained.model.document.model.provenance.proofs) == 2
